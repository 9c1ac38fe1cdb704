//! Expressions evaluated by us and by `terraform`, results and diagnostics compared.
//!
//! The lists are in `eval/*.txt`. All expressions of a list go through one run of the
//! oracle: results as one object in the console, errors as local values of one module
//! that is validated, unknown results as outputs of one plan.

use groma_lang::console_format::format_console;
use groma_lang::eval::{Resolved, Scope, Step, evaluate, range_text};
use groma_lang::functions::{FunctionContext, Functions};
use groma_lang::{Diagnostic, Diagnostics, Ident, Sources, Span, syntax};
use groma_testkit::{Workdir, oracle, skip};
use groma_value::{Fields, Mark, Refinement, Type, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

const VARIABLES: &str = r#"
variable "secret" {
  type      = string
  default   = "sec"
  sensitive = true
}
variable "s2" {
  type    = string
  default = "key"
}
variable "n" {
  type    = number
  default = 7
}
variable "b" {
  type    = bool
  default = true
}
variable "nul" {
  type    = string
  default = null
}
variable "l" {
  type    = list(string)
  default = ["a", "b"]
}
variable "emptylist" {
  type    = list(object({ id = string }))
  default = []
}
variable "set" {
  type    = set(string)
  default = ["y", "x"]
}
variable "m" {
  type    = map(number)
  default = { a = 1, b = 2 }
}
variable "o" {
  type = object({
    name = string
    tags = map(string)
    list = list(object({ id = number, tags = map(string) }))
  })
  default = {
    name = "obj"
    tags = { x = "y" }
    list = [{ id = 1, tags = { k = "v" } }, { id = 2, tags = { k = "w" } }]
  }
}
variable "any" {
  default = { x = [1, { y = "deep" }] }
}
"#;

/// The lines of a list.
fn cases(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')).collect()
}

/// A scope of plain values that names places as Terraform does.
struct Names<'a> {
    values: Fields,
    functions: &'a Functions,
    sources: &'a Sources,
}

impl Scope for Names<'_> {
    fn resolve(&self, root: &Ident, _: &[Step], diags: &mut Diagnostics) -> Option<Resolved> {
        let value = self.values.get(&root.name).cloned();
        if value.is_none() {
            diags.error(root.span, "No such name", root.name.to_string());
        }
        Some(Resolved { value: value?, consumed: 0 })
    }
    fn functions(&self) -> &Functions {
        self.functions
    }
    fn describe_span(&self, span: Span) -> Option<String> {
        Some(range_text(self.sources, span))
    }
}

fn functions(folder: &std::path::Path) -> Functions {
    Functions::standard(&FunctionContext { base_dir: folder.to_owned(), ..FunctionContext::default() })
}

/// What `var` stands for, with the declared types; unknown for validation.
fn variables(sources: &Sources, known: bool) -> Value {
    let file = sources.add("variables.tf", VARIABLES);
    let mut diags = Diagnostics::new();
    let body = syntax::parse_file(&file, &mut diags);
    let fields = body.blocks_of("variable").map(|block| {
        let ty = match block.body.attribute("type") {
            Some(a) => groma_lang::typeexpr::type_constraint(&a.expr, &mut diags).0,
            None => Type::Dynamic,
        };
        let mut value = Value::unknown(ty.clone());
        if known && let Some(a) = block.body.attribute("default") {
            let default = groma_lang::eval::evaluate_constant(&a.expr, &mut diags);
            value = groma_value::convert(&default, &ty).expect("defaults fit");
        }
        if block.body.attribute("sensitive").is_some() {
            value = value.mark(Mark::Sensitive);
        }
        (block.labels[0].name.clone(), value)
    });
    let object = Value::object(fields.collect::<Vec<_>>());
    assert!(diags.is_empty(), "{diags:?}");
    object
}

/// Fails with all differences at once.
fn verdict(differences: &[String], total: usize) {
    assert!(
        differences.is_empty(),
        "{} of {total} differ:\n\n{}",
        differences.len(),
        differences.join("\n\n")
    );
}

#[test]
fn results_are_the_oracles() {
    if oracle().is_none() {
        return skip("no terraform");
    }
    let workdir = Workdir::new();
    workdir.write("main.tf", VARIABLES);
    let sources = Sources::new();
    let functions = functions(workdir.path());
    let scope = Names {
        values: [("var", variables(&sources, true))].into_iter().collect(),
        functions: &functions,
        sources: &sources,
    };
    let cases = cases(include_str!("eval/values.txt"));
    let mut line = String::from("{");
    for (i, case) in cases.iter().enumerate() {
        write!(line, " e{i:04} = {case},").expect("text");
    }
    line.push_str(" }\n");
    // The console reads lines of at most 64 KiB.
    assert!(line.len() < 60_000, "split the list");
    let terraform = oracle().expect("asked for above");
    let out = workdir.invoke(terraform).args(["console", "-no-color"]).stdin(line).run().expect_success();
    let theirs = split_object(&out.stdout);
    assert_eq!(theirs.len(), cases.len(), "{out}");
    let mut differences = Vec::new();
    for (i, case) in cases.iter().enumerate() {
        let file = sources.add("console", *case);
        let mut diags = Diagnostics::new();
        let value = match syntax::parse_expr(&file, &mut diags) {
            Some(expr) => evaluate(&expr, &scope, &mut diags),
            None => Value::dynamic(),
        };
        let ours = split_object(&format_console(&Value::object([(format!("e{i:04}"), value)])));
        if !diags.is_empty() || ours.get(&i) != theirs.get(&i) {
            let text = ours.get(&i).map_or("", String::as_str);
            differences.push(format!("{case}\n  ours:   {text} {diags:?}\n  theirs: {}", theirs[&i]));
        }
    }
    verdict(&differences, cases.len());
}

/// The attributes `e0000`, ... of an object as the console prints it.
fn split_object(text: &str) -> BTreeMap<usize, String> {
    let mut out: BTreeMap<usize, String> = BTreeMap::new();
    let mut current = None;
    for line in text.trim_end().lines().filter(|l| *l != "{" && *l != "}") {
        if let Some((number, rest)) = line.strip_prefix("  \"e").and_then(|l| l.split_once("\" = ")) {
            current = number.parse().ok();
            out.insert(current.expect("a number"), rest.to_owned());
        } else if let Some(text) = current.and_then(|c| out.get_mut(&c)) {
            text.push('\n');
            text.push_str(line);
        }
    }
    out
}

#[test]
fn diagnostics_are_the_oracles() {
    if oracle().is_none() {
        return skip("no terraform");
    }
    let workdir = Workdir::new();
    let cases = cases(include_str!("eval/errors.txt"));
    let mut text = String::from(VARIABLES);
    for (i, case) in cases.iter().enumerate() {
        writeln!(text, "locals {{\n  e{i} = {case}\n}}").expect("text");
    }
    workdir.write("main.tf", &text);
    workdir.terraform(["init"]).expect_success();
    let out = workdir.terraform(["validate", "-json"]);
    let report = out.json();
    let sources = Sources::new();
    let functions = functions(workdir.path());
    let scope = Names {
        values: [("var", variables(&sources, false))].into_iter().collect(),
        functions: &functions,
        sources: &sources,
    };
    let file = sources.add("main.tf", text.as_str());
    let mut diags = Diagnostics::new();
    let body = syntax::parse_file(&file, &mut diags);
    assert!(diags.is_empty(), "{diags:?}");
    let locals: Vec<_> = body.blocks_of("locals").collect();
    let mut theirs: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for d in report["diagnostics"].as_array().expect("a list") {
        let at = |end: &str| d["range"][end]["byte"].as_u64().expect("a place") as u32;
        let (start, end) = (at("start"), at("end"));
        let which = locals.iter().position(|b| b.span.start <= start && start <= b.span.end);
        let which = which.unwrap_or_else(|| panic!("a diagnostic elsewhere: {d}"));
        let values = d["snippet"]["values"].as_array().expect("a list");
        let values: Vec<String> = values
            .iter()
            .map(|v| {
                format!("{} {}", v["traversal"].as_str().unwrap_or(""), v["statement"].as_str().unwrap_or(""))
            })
            .collect();
        let call = &d["snippet"]["function_call"];
        let signature = call["signature"]["name"].as_str().and(call["called_as"].as_str());
        theirs.entry(which).or_default().push(diagnostic_text(
            &text[start as usize..end as usize],
            d["summary"].as_str().expect("text"),
            d["detail"].as_str().expect("text"),
            &values,
            signature,
        ));
    }
    let mut differences = Vec::new();
    for (i, case) in cases.iter().enumerate() {
        let mut diags = Diagnostics::new();
        evaluate(&locals[i].body.attributes[0].expr, &scope, &mut diags);
        let mut ours: Vec<String> = diags.iter().map(|d| our_diagnostic(&text, d)).collect();
        let mut theirs = theirs.remove(&i).unwrap_or_default();
        ours.sort();
        theirs.sort();
        if ours != theirs {
            differences.push(format!(
                "{case}\n  ours:   {}\n  theirs: {}",
                ours.join("\n          "),
                theirs.join("\n          ")
            ));
        }
    }
    verdict(&differences, cases.len());
}

#[test]
fn type_constraints_are_the_oracles() {
    if oracle().is_none() {
        return skip("no terraform");
    }
    let workdir = Workdir::new();
    let cases = cases(include_str!("eval/types.txt"));
    let mut text = String::new();
    for (i, case) in cases.iter().enumerate() {
        writeln!(text, "variable \"v{i}\" {{\n  type = {case}\n}}").expect("text");
    }
    workdir.write("main.tf", &text);
    let report = workdir.terraform(["validate", "-json"]).json();
    let sources = Sources::new();
    let file = sources.add("main.tf", text.as_str());
    let mut diags = Diagnostics::new();
    let body = syntax::parse_file(&file, &mut diags);
    assert!(diags.is_empty(), "{diags:?}");
    let mut theirs: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for d in report["diagnostics"].as_array().expect("a list") {
        let at = |end: &str| d["range"][end]["byte"].as_u64().expect("a place") as u32;
        let which = body.blocks.iter().position(|b| b.span.start <= at("start") && at("start") <= b.span.end);
        let place = &text[at("start") as usize..at("end") as usize];
        let words = |key: &str| d[key].as_str().expect("text");
        theirs.entry(which.expect("in a variable")).or_default().push(diagnostic_text(
            place,
            words("summary"),
            words("detail"),
            &[],
            None,
        ));
    }
    let mut differences = Vec::new();
    for (i, case) in cases.iter().enumerate() {
        let mut diags = Diagnostics::new();
        groma_lang::typeexpr::type_constraint(&body.blocks[i].body.attributes[0].expr, &mut diags);
        let ours: Vec<String> = diags.iter().map(|d| our_diagnostic(&text, d)).collect();
        let theirs = theirs.remove(&i).unwrap_or_default();
        if ours != theirs {
            differences.push(format!("{case}\n  ours:   {ours:?}\n  theirs: {theirs:?}"));
        }
    }
    verdict(&differences, cases.len());
}

fn our_diagnostic(text: &str, d: &Diagnostic) -> String {
    let span = d.subject.expect("a place");
    // An empty range is widened to be visible.
    let end = span.end.max(span.start + 1) as usize;
    let values: Vec<String> = d.values.iter().map(|v| format!("{} {}", v.expr, v.statement)).collect();
    diagnostic_text(&text[span.start as usize..end], &d.summary, &d.detail, &values, d.function.as_deref())
}

fn diagnostic_text(
    place: &str,
    summary: &str,
    detail: &str,
    values: &[String],
    call: Option<&str>,
) -> String {
    format!("[{place}] {summary}: {detail} {values:?} {call:?}")
}

#[test]
fn unknown_results_are_the_oracles() {
    const LOCALS: &str = r#"
resource "terraform_data" "x" { input = "q" }
locals {
  u = terraform_data.x.id
  n = length(terraform_data.x.id)
  l = split(",", terraform_data.x.id)
  b = terraform_data.x.id == "zz"
  d = try(terraform_data.x.id, 1)
}
"#;
    if oracle().is_none() {
        return skip("no terraform");
    }
    let workdir = Workdir::new();
    let cases = cases(include_str!("eval/unknown.txt"));
    let mut text = String::from(LOCALS);
    for (i, case) in cases.iter().enumerate() {
        writeln!(text, "output \"e{i}\" {{\n  value = {case}\n}}").expect("text");
    }
    workdir.write("main.tf", &text);
    workdir.terraform(["init"]).expect_success();
    workdir.terraform(["plan", "-out=p"]).expect_success();
    let plan = workdir.terraform(["show", "-json", "p"]).expect_success().json();
    let sources = Sources::new();
    let functions = functions(workdir.path());
    let at_least_zero =
        Refinement { number_min: Some((groma_value::Number::from_i64(0), true)), ..Refinement::not_null() };
    let local = Value::object([
        ("u", Value::unknown_not_null(Type::String)),
        ("n", Value::unknown_refined(Type::Number, at_least_zero)),
        ("l", Value::unknown_not_null(Type::list(Type::String))),
        ("b", Value::unknown_not_null(Type::Bool)),
        ("d", Value::dynamic()),
    ]);
    let scope =
        Names { values: [("local", local)].into_iter().collect(), functions: &functions, sources: &sources };
    let mut differences = Vec::new();
    for (i, case) in cases.iter().enumerate() {
        let file = sources.add("output", *case);
        let mut diags = Diagnostics::new();
        let value = match syntax::parse_expr(&file, &mut diags) {
            Some(expr) => evaluate(&expr, &scope, &mut diags),
            None => Value::dynamic(),
        };
        let change = &plan["output_changes"][format!("e{i}")];
        let theirs = match change["after_unknown"].as_bool() {
            Some(false) => change["after"].to_string(),
            _ => "unknown".into(),
        };
        let ours = match value.is_wholly_known() {
            true => json::encode(&value, &value.ty()).unwrap_or_else(|e| e.to_string()),
            false => "unknown".into(),
        };
        if !diags.is_empty() || ours != theirs {
            differences.push(format!("{case}\n  ours:   {ours} ({value:?}) {diags:?}\n  theirs: {theirs}"));
        }
    }
    verdict(&differences, cases.len());
}
