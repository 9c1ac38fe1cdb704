//! Whatever is evaluated, nothing panics, and what comes out is a value that can be shown and stored.

use groma_lang::console_format::format_console;
use groma_lang::eval::{Resolved, Scope, Step, evaluate};
use groma_lang::functions::{FunctionContext, Functions};
use groma_lang::{Diagnostics, Ident, Sources, syntax};
use groma_testkit::{Fuzz, Workdir, fuzz};
use groma_value::{Fields, Mark, Type, Value, convert, json};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Expressions that mean something, to be taken apart.
const CORPUS: [&str; 4] = [
    include_str!("eval/values.txt"),
    include_str!("eval/errors.txt"),
    include_str!("eval/unknown.txt"),
    include_str!("functions/cases.txt"),
];

/// What may stand at the place of anything.
const PIECES: &[&str] = &[
    "null",
    "true",
    "0",
    "-1",
    "1e400",
    "0.1",
    "18446744073709551616",
    "\"\"",
    "\"é\\u0301\"",
    "\"%d\"",
    "\"(\"",
    "[]",
    "{}",
    "[null]",
    "[1, \"a\", true]",
    "{ a = 1 }",
    "{ (null) = 1 }",
    "{ (var.unknown) = 1 }",
    "var.unknown",
    "var.unknown_list",
    "var.unknown_object",
    "var.dynamic",
    "var.secret",
    "var.secret_map",
    "var.none",
    "var.set",
    "var.numbers",
    "var.deep",
    "var.deep[*].a",
    "var.unknown_list[*]",
    "var.nope",
    "nope",
    "var.set[0]",
    "[for x in ",
    " : x]",
    "{ for k, v in ",
    " : k => v...}",
    " if ",
    " ? ",
    " : ",
    " + ",
    " % 0",
    " / 0",
    " == ",
    " && ",
    "!",
    "-",
    "[0]",
    "[-1]",
    "[\"a\"]",
    "[null]",
    "[*]",
    ".*",
    ".a",
    ".0",
    "(",
    ")",
    "...",
    ", ",
    "\"${",
    "}\"",
    "%{ if ",
    "%{ endif }",
    "<<EOT\nx\nEOT\n",
    "each.key",
    "self",
];

fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut in_word = false;
    for c in text.chars() {
        let word = c.is_alphanumeric() || c == '_';
        match out.last_mut() {
            Some(last) if word && in_word => last.push(c),
            _ => out.push(c.to_string()),
        }
        in_word = word;
    }
    out
}

fn corpus() -> Vec<String> {
    let lines = CORPUS.iter().flat_map(|t| t.lines()).map(str::trim);
    lines.filter(|l| !l.is_empty() && !l.starts_with('#')).map(str::to_owned).collect()
}

/// Takes time or memory beyond all bounds with a bad argument, as in Terraform.
const COSTLY: [&str; 1] = ["bcrypt"];

fn pieces() -> Vec<String> {
    let functions = Functions::standard(&FunctionContext::default());
    let calls = functions.names().filter(|n| !COSTLY.contains(&&***n)).map(|n| format!("{n}("));
    PIECES.iter().map(|p| (*p).to_owned()).chain(calls).collect()
}

/// An expression of the corpus with some words exchanged for pieces or other expressions.
fn expression() -> impl Strategy<Value = String> {
    let corpus = corpus();
    let other = prop_oneof![4 => prop::sample::select(pieces()), 1 => prop::sample::select(corpus.clone())];
    let change = (any::<prop::sample::Index>(), 0usize..3, other);
    (prop::sample::select(corpus), prop::collection::vec(change, 0..5)).prop_map(|(text, changes)| {
        let mut words = words(&text);
        for (at, remove, insert) in changes {
            let at = at.index(words.len() + 1);
            let end = (at + remove).min(words.len());
            words.splice(at..end, [insert]);
        }
        words.concat()
    })
}

/// A call of any function with any arguments.
fn call() -> impl Strategy<Value = String> {
    let argument = prop::sample::select(&PIECES[..36]);
    (prop::sample::select(pieces()), prop::collection::vec(argument, 0..4))
        .prop_filter("a function", |(name, _)| name.len() > 1 && name.ends_with('('))
        .prop_map(|(name, arguments)| format!("{name}{})", arguments.join(", ")))
}

struct Names<'a> {
    variables: Value,
    functions: &'a Functions,
}

impl Scope for Names<'_> {
    fn resolve(&self, root: &Ident, _: &[Step], diags: &mut Diagnostics) -> Option<Resolved> {
        if &*root.name == "var" {
            return Some(Resolved { value: self.variables.clone(), consumed: 0 });
        }
        diags.error(root.span, "No such name", root.name.to_string());
        None
    }
    fn functions(&self) -> &Functions {
        self.functions
    }
}

fn variables() -> Value {
    let text = |s: &str| Value::string(s);
    let object = Type::object([("a", Type::String), ("b", Type::list(Type::Number))]);
    let mut fields = Fields::new();
    for (name, value) in [
        ("unknown", Value::unknown(Type::String)),
        ("unknown_list", Value::unknown_not_null(Type::list(Type::Number))),
        ("unknown_object", Value::unknown(object)),
        ("dynamic", Value::dynamic()),
        ("secret", text("s").mark(Mark::Sensitive)),
        ("secret_map", Value::map(Type::String, [("k", text("v").mark(Mark::Sensitive))])),
        ("none", Value::null(Type::map(Type::Bool))),
        ("set", Value::set(Type::String, vec![text("a"), Value::unknown(Type::String)])),
        ("numbers", Value::list(Type::Number, vec![Value::int(3), Value::null(Type::Number)])),
        (
            "deep",
            Value::tuple(vec![
                Value::object([("a", Value::tuple(vec![text("x"), Value::dynamic()]))]),
                Value::object([("a", Value::null(Type::Dynamic))]).mark(Mark::Ephemeral),
            ]),
        ),
        ("secret2", text("x")),
        ("n", Value::int(7)),
        ("b", Value::bool(true)),
        ("l", Value::list(Type::String, vec![text("a"), text("b")])),
        ("m", Value::map(Type::Number, [("a", Value::int(1)), ("b", Value::int(2))])),
    ] {
        fields.insert(name, value);
    }
    Value::object(fields.iter().map(|(n, v)| (n.clone(), v.clone())).collect::<Vec<_>>())
}

/// Evaluates a text, as an expression and as a template, and uses what comes out.
fn exercise(text: &str, folder: &std::path::Path) {
    let functions =
        Functions::standard(&FunctionContext { base_dir: folder.to_owned(), ..FunctionContext::default() });
    let scope = Names { variables: variables(), functions: &functions };
    let sources = Sources::new();
    let file = sources.add("text", text);
    for parse in [syntax::parse_expr, syntax::parse_template] {
        let mut diags = Diagnostics::new();
        let Some(expr) = parse(&file, &mut diags) else { continue };
        let value = evaluate(&expr, &scope, &mut diags);
        for d in &diags {
            let span = d.subject.unwrap_or(expr.span);
            assert!(span.start <= span.end && span.end as usize <= text.len(), "{d:?}");
        }
        groma_lang::eval::value_notes(&expr, &scope);
        format_console(&value);
        let (plain, _) = value.unmark_deep();
        for ty in
            [Type::String, Type::Bool, Type::list(Type::Dynamic), Type::map(Type::String), Type::Dynamic]
        {
            drop(convert(&plain, &ty));
        }
        if plain.is_wholly_known() {
            let ty = plain.ty();
            let stored = match json::encode(&plain, &ty) {
                Ok(stored) => stored,
                // JSON has no word for it.
                Err(e) if e.to_string().contains("infinity") => continue,
                Err(e) => panic!("{text}: {e}"),
            };
            let again = json::decode(&stored, &ty).expect("what is stored can be read");
            assert_eq!(json::encode(&again, &ty).ok(), Some(stored), "{text}");
        }
    }
}

fn config(usual: u32) -> ProptestConfig {
    let Fuzz { cases, seed } = fuzz(usual);
    let rng_seed = RngSeed::Fixed(seed);
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

#[test]
fn changed_expressions_never_panic() {
    let folder = Workdir::new();
    proptest!(config(2000), |(text in expression())| exercise(&text, folder.path()));
}

#[test]
fn calls_with_any_arguments_never_panic() {
    let folder = Workdir::new();
    proptest!(config(2000), |(text in call())| exercise(&text, folder.path()));
}
