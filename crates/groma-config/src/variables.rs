//! Values of the root module's input variables: from the environment, from
//! files, from the command line, and from defaults.
//!
//! Later sources win: environment, `terraform.tfvars`, `terraform.tfvars.json`,
//! `*.auto.tfvars` and `*.auto.tfvars.json` by name, then the options of the
//! command line in their order. Validation rules are left to the engine, because
//! they may refer to other objects; so are marks for sensitive variables.

use crate::decode::{Cx, constant, place};
use crate::load::LoadOptions;
use crate::model::{Module, Variable};
use groma_lang::{Body, Diagnostic, Diagnostics, Sources, Span};
use groma_value::{ConvertError, Name, Value, convert};
use std::collections::BTreeMap;
use std::path::Path;

/// An option of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableOption {
    /// `-var`: `name=value`, not split yet.
    Var(String),
    /// `-var-file`: the name of a file, relative to the working directory.
    File(String),
}

/// Where values come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VariableInputs {
    /// The environment's `TF_VAR_name` by `name`.
    pub environment: BTreeMap<String, String>,
    /// The command line's options in order.
    pub options: Vec<VariableOption>,
}

/// What set a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputSource {
    /// Its default.
    Default,
    /// The environment.
    Environment,
    /// A file that is read without being named: `terraform.tfvars`, `*.auto.tfvars`.
    AutoFile(String),
    /// A file named by `-var-file`.
    NamedFile(String),
    /// `-var`
    CommandLine,
    /// An answer to a question.
    Prompt,
}

/// The value of a variable.
#[derive(Clone, Debug, PartialEq)]
pub struct InputValue {
    /// The value, converted to the variable's type; `None` if it is not usable,
    /// which was reported.
    pub value: Option<Value>,
    /// What set it.
    pub source: InputSource,
    /// Where it is written, if in a file.
    pub span: Option<Span>,
}

/// The values of all variables.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CollectedVariables {
    /// By name.
    pub values: BTreeMap<Name, InputValue>,
    /// Variables without value and without default: to be asked for, or else
    /// reported by [`report_missing`].
    pub missing: Vec<Name>,
}

/// A value as it was given.
enum Given {
    /// Text from the environment or the command line.
    Text(String),
    /// From a file.
    Value(Value, Span),
}

/// Collects the values of the root module's variables.
pub fn collect_variables(
    root: &Module,
    inputs: &VariableInputs,
    sources: &Sources,
    options: &LoadOptions,
    diags: &mut Diagnostics,
) -> CollectedVariables {
    let mut given: BTreeMap<String, (Given, InputSource)> = BTreeMap::new();
    let mut cx = Cx { sources, options, diags };
    for (name, text) in &inputs.environment {
        given.insert(name.clone(), (Given::Text(text.clone()), InputSource::Environment));
    }
    for name in automatic_files(&options.working_dir) {
        read_file(&name, InputSource::AutoFile(name.clone()), &mut given, &mut cx);
    }
    for o in &inputs.options {
        match o {
            VariableOption::File(name) => {
                read_file(name, InputSource::NamedFile(name.clone()), &mut given, &mut cx);
            }
            VariableOption::Var(text) => match split_option(text) {
                Ok((name, value)) => {
                    given.insert(name.to_owned(), (Given::Text(value.to_owned()), InputSource::CommandLine));
                }
                Err(why) => cx.diags.push(Diagnostic::error("Invalid -var option", why)),
            },
        }
    }
    undeclared(root, &given, cx.diags);
    let mut out = CollectedVariables::default();
    for (name, v) in &root.variables {
        let value = match given.remove(&**name) {
            Some((Given::Text(text), source)) => {
                let value =
                    parse_input(v, &text, cx.diags).and_then(|x| finish(v, &x, &source, None, &mut cx));
                InputValue { value, source, span: None }
            }
            Some((Given::Value(value, span), source)) => {
                let value = finish(v, &value, &source, Some(span), &mut cx);
                InputValue { value, source, span: Some(span) }
            }
            None => match &v.default {
                Some(d) => InputValue { value: Some(d.clone()), source: InputSource::Default, span: None },
                None => {
                    out.missing.push(name.clone());
                    continue;
                }
            },
        };
        out.values.insert(name.clone(), value);
    }
    out
}

/// Reports variables that have no value.
pub fn report_missing(root: &Module, missing: &[Name], diags: &mut Diagnostics) {
    for v in missing.iter().filter_map(|n| root.variables.get(n)) {
        diags.error(
            v.span,
            "No value for required variable",
            format!(
                "The variable \"{0}\" has no default and was given no value. Set it by -var=\"{0}=...\", in a file named by \
                 -var-file, or by TF_VAR_{0} in the environment.",
                v.name.name
            ),
        );
    }
}

/// The value of a variable from an answer to a question.
pub fn prompted_value(
    variable: &Variable,
    text: &str,
    sources: &Sources,
    options: &LoadOptions,
    diags: &mut Diagnostics,
) -> InputValue {
    let source = InputSource::Prompt;
    let mut cx = Cx { sources, options, diags };
    let value =
        parse_input(variable, text, cx.diags).and_then(|v| finish(variable, &v, &source, None, &mut cx));
    InputValue { value, source, span: None }
}

/// Reads a text as the value of a variable, not converted yet: taken literally
/// for primitive types and without a type, as an expression otherwise.
pub fn parse_input(variable: &Variable, text: &str, diags: &mut Diagnostics) -> Option<Value> {
    if variable.parse_literal {
        return Some(Value::string(text));
    }
    let name = &variable.name.name;
    // The text is in no file; messages name it by the variable alone.
    let (sources, mut found) = (Sources::new(), Diagnostics::new());
    let file = sources.add(format!("<value for var.{name}>"), text);
    let options = LoadOptions::default();
    let mut cx = Cx { sources: &sources, options: &options, diags: &mut found };
    let value = groma_lang::syntax::parse_expr(&file, cx.diags).and_then(|e| constant::evaluate(&e, &mut cx));
    for mut d in found {
        d.subject = None;
        d.context = None;
        d.detail = format!("In the value for var.{name}: {}", d.detail);
        diags.push(d);
    }
    value
}

fn split_option(text: &str) -> Result<(&str, &str), String> {
    let Some((name, value)) = text.split_once('=') else {
        return Err(format!("\"{text}\" is no name and value: write -var=\"name=value\"."));
    };
    if name.ends_with(' ') {
        return Err(format!(
            "The name \"{name}\" ends with a space: write -var=\"{}={value}\".",
            name.trim_end()
        ));
    }
    Ok((name, value))
}

/// The files that are read without being named, in order.
fn automatic_files(dir: &Path) -> Vec<String> {
    let mut out: Vec<String> = ["terraform.tfvars", "terraform.tfvars.json"]
        .into_iter()
        .filter(|n| dir.join(n).exists())
        .map(str::to_owned)
        .collect();
    let mut auto: Vec<String> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|e| e.file_name().into_string().ok())
        .filter(|n| n.ends_with(".auto.tfvars") || n.ends_with(".auto.tfvars.json"))
        .collect();
    auto.sort();
    out.extend(auto);
    out
}

fn read_file(
    name: &str,
    source: InputSource,
    given: &mut BTreeMap<String, (Given, InputSource)>,
    cx: &mut Cx<'_>,
) {
    let bytes = match std::fs::read(cx.options.working_dir.join(name)) {
        Ok(b) => b,
        Err(e) => {
            let why = if e.kind() == std::io::ErrorKind::NotFound {
                format!("The file {name} does not exist.")
            } else {
                format!("The file {name} cannot be read: {e}.")
            };
            cx.diags.push(Diagnostic::error("Failed to read variables file", why));
            return;
        }
    };
    let before = cx.diags.len();
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes)).into_owned();
    let file = cx.sources.add(name, text);
    let body = if name.ends_with(".json") {
        groma_lang::syntax::parse_json_file_with(&file, &|_| true, cx.diags)
    } else {
        groma_lang::syntax::parse_file(&file, cx.diags)
    };
    if cx.diags.iter().skip(before).any(Diagnostic::is_error) || refuse_blocks(&body, name, cx) {
        return;
    }
    for a in &body.attributes {
        let Some(value) = constant::evaluate(&a.expr, cx) else { continue };
        given.insert(a.name.name.to_string(), (Given::Value(value, a.expr.span), source.clone()));
    }
}

/// Reports blocks, which have no place in a file of values.
fn refuse_blocks(body: &Body, file: &str, cx: &mut Cx<'_>) -> bool {
    let declarations = || body.blocks.iter().filter(|b| &*b.ty.name == "variable");
    for b in declarations() {
        let name = b.labels.first().map_or("name", |l| &*l.name);
        cx.error(
            b.header,
            "Variable declaration in .tfvars file",
            format!(
                "Variables are declared in configuration files, such as variables.tf; {file} gives values to them. To give \
                 one to the variable \"{name}\", write: {name} = ..."
            ),
        );
    }
    if declarations().next().is_none() {
        for b in &body.blocks {
            cx.error(
                b.ty.span,
                format!("Unexpected \"{}\" block", b.ty.name),
                "A file of values holds arguments only, no blocks.",
            );
        }
    }
    !body.blocks.is_empty()
}

/// Values for variables that there are not: an error where somebody has just
/// typed the name, a warning where a file may serve several configurations,
/// nothing for the environment.
fn undeclared(root: &Module, given: &BTreeMap<String, (Given, InputSource)>, diags: &mut Diagnostics) {
    const SUMMARY: &str = "Value for undeclared variable";
    let mut in_files = 0;
    for (name, (_, source)) in given.iter().filter(|(n, _)| !root.variables.contains_key(&***n)) {
        match source {
            InputSource::CommandLine | InputSource::Prompt => diags.push(Diagnostic::error(
                SUMMARY,
                format!(
                    "The command line sets the variable \"{name}\", which the root module does not declare. A block \
                     variable \"{name}\" would declare it.{}",
                    crate::content::did_you_mean(name, root.variables.keys().map(|k| &**k))
                ),
            )),
            InputSource::AutoFile(file) | InputSource::NamedFile(file) => {
                in_files += 1;
                if in_files > 2 {
                    continue;
                }
                diags.push(Diagnostic::warning(
                    SUMMARY,
                    format!(
                        "The file {file} sets the variable \"{name}\", which the root module does not declare. A block \
                         variable \"{name}\" would declare it. Values that are meant for several configurations, not all of \
                         which use them, are better given by TF_VAR_{name} in the environment."
                    ),
                ));
            }
            InputSource::Environment | InputSource::Default => {}
        }
    }
    if in_files > 2 {
        diags.push(Diagnostic::warning(
            "Values for undeclared variables",
            format!("Files set {} more variables that the root module does not declare.", in_files - 2),
        ));
    }
}

/// Converts a value to the type of its variable.
fn finish(
    v: &Variable,
    value: &Value,
    source: &InputSource,
    span: Option<Span>,
    cx: &mut Cx<'_>,
) -> Option<Value> {
    let name = &v.name.name;
    let declared = place(cx.sources, v.span);
    let how = match source {
        InputSource::CommandLine => format!("set by -var=\"{name}=...\""),
        InputSource::Environment => format!("set by TF_VAR_{name} in the environment"),
        InputSource::Prompt => "given as the answer".to_owned(),
        _ => "given here".to_owned(),
    };
    let subject = span.unwrap_or(v.span);
    match argument_value(v, value) {
        Ok(value) => Some(value),
        Err(ArgumentError::Unsuitable(e)) => {
            cx.error(
                subject,
                "Invalid value for input variable",
                format!("The value {how} does not fit var.{name}, which is declared at {declared}: {e}."),
            );
            None
        }
        Err(ArgumentError::Null) => {
            cx.error(
                subject,
                "Required variable not set",
                format!("The value {how} is null, but var.{name}, which is declared at {declared}, may not be null."),
            );
            None
        }
    }
}

/// Why a value cannot be that of a variable.
#[derive(Clone, Debug, PartialEq)]
pub enum ArgumentError {
    /// It does not convert to the type.
    Unsuitable(ConvertError),
    /// It is null, and the variable is neither nullable nor has a default.
    Null,
}

/// The value of a variable of any module from what was given for it: optional
/// attributes get their defaults, the type is converted to, and null becomes the
/// default where the variable is not nullable.
pub fn argument_value(v: &Variable, value: &Value) -> Result<Value, ArgumentError> {
    let with_defaults = match &v.type_defaults {
        Some(d) if !value.is_null() => d.apply(value),
        _ => value.clone(),
    };
    let converted = convert(&with_defaults, &v.ty).map_err(ArgumentError::Unsuitable)?;
    if converted.is_null() && !v.nullable {
        return v.default.clone().ok_or(ArgumentError::Null);
    }
    Ok(converted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load_module_text;

    const DECLARATIONS: &str = "
variable \"s\" { type = string }
variable \"n\" {
  type     = number
  default  = 1
  nullable = false
}
variable \"l\" {
  type    = list(string)
  default = []
}
variable \"a\" { type = any }
variable \"o\" { type = object({ a = optional(number, 3), b = string }) }
";

    /// The values set by options alone, and the summaries of diagnostics.
    fn collect(options: &[&str], environment: &[(&str, &str)]) -> (CollectedVariables, Vec<String>) {
        let (sources, mut diags) = (Sources::new(), Diagnostics::new());
        let load = LoadOptions { working_dir: "no-such-directory".into(), ..LoadOptions::default() };
        let root =
            load_module_text(Path::new("."), &[("main.tf", DECLARATIONS)], &sources, &load, &mut diags);
        let inputs = VariableInputs {
            environment: environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            options: options.iter().map(|o| VariableOption::Var((*o).to_owned())).collect(),
        };
        let found = collect_variables(&root, &inputs, &sources, &load, &mut diags);
        (found, diags.iter().map(|d| d.summary.clone()).collect())
    }

    fn value(c: &CollectedVariables, name: &str) -> Option<Value> {
        c.values[name].value.clone()
    }

    #[test]
    fn the_type_decides_how_a_text_is_read() {
        let (c, diags) = collect(&["s=[1]", "n=2", "l=[1, \"x\"]", "a={ x = 1 }", "o={ b = true }"], &[]);
        assert_eq!(diags, Vec::<String>::new());
        assert_eq!(value(&c, "s"), Some(Value::string("[1]")));
        assert_eq!(value(&c, "n"), Some(Value::int(2)));
        let strings =
            |s: &[&str]| Value::list(groma_value::Type::String, s.iter().map(Value::string).collect());
        assert_eq!(value(&c, "l"), Some(strings(&["1", "x"])));
        assert_eq!(value(&c, "a"), Some(Value::object([("x", Value::int(1))])));
        let o = Value::object([("a", Value::int(3)), ("b", Value::string("true"))]);
        assert_eq!(value(&c, "o"), Some(o));
    }

    #[test]
    fn later_sources_win_and_defaults_come_last() {
        let (c, diags) = collect(&["s=c", "s=d"], &[("s", "e"), ("l", "[\"e\"]"), ("nobody", "x")]);
        assert_eq!(diags, Vec::<String>::new());
        assert_eq!(value(&c, "s"), Some(Value::string("d")));
        assert_eq!(c.values["s"].source, InputSource::CommandLine);
        assert_eq!(c.values["l"].source, InputSource::Environment);
        assert_eq!(c.values["n"].source, InputSource::Default);
        assert_eq!(c.missing, ["a".into(), "o".into()] as [Name; 2]);
    }

    #[test]
    fn bad_values_are_reported() {
        let (c, diags) = collect(&["s", "t =1", "n=x", "l=[var.y]", "o={}", "q=1"], &[]);
        assert_eq!(
            diags,
            [
                "Invalid -var option",
                "Invalid -var option",
                "Value for undeclared variable",
                "Variables not allowed",
                "Invalid value for input variable",
                "Invalid value for input variable",
            ]
        );
        assert_eq!(value(&c, "n"), None);
    }
}
