//! `templatefile` and `templatestring`; and entries for `try` and `can`.

use super::build::*;
use super::files::Place;
use super::{Function, FunctionContext, Functions, SharedTable};
use crate::ast::Ident;
use crate::diag::Diagnostics;
use crate::eval::{Resolved, Scope, Step, evaluate, range_text};
use crate::source::{Sources, Span};
use crate::syntax::{is_identifier, parse_template};
use groma_value::{Fields, Type, Value, convert};
use std::sync::Arc;

/// The name of a template that is in no file.
const STRING: &str = "<templatestring argument>";

/// `functions` are the ones that templates may call; the two of here are not among them.
pub(super) fn functions(ctx: &FunctionContext, functions: &SharedTable) -> Vec<Function> {
    let place = Place::new(ctx);
    let (in_files, in_strings) = (functions.clone(), functions.clone());
    let vars = || param("vars", Type::Dynamic, "The variables of the template, a map or object.");
    vec![
        function(
            "templatefile",
            "The result of a template that is in a file.",
            [param("path", Type::String, "The name of the file.").marked(), vars()],
            Type::Dynamic,
            move |a| {
                let (path, marks) = unmark(&a[0]);
                let path = text(path);
                let source = place.read_text(path, &marks)?;
                let result = Template::new(path, source).render(&a[1], &in_files).or_else(|e| e.fail())?;
                Ok(result.with_marks(&marks))
            },
        )
        .nullable(),
        function(
            "templatestring",
            "The result of a template that is in a string.",
            [param("template", Type::String, "A reference to the string."), vars().dynamic()],
            Type::String,
            move |a| {
                let template = Template::new(STRING, text(&a[0]).to_owned());
                let result = template.render(&a[1], &in_strings).or_else(|e| match e {
                    Problem::Syntax(e) => fail_arg(0, format!("invalid template: {e}")),
                    e => e.fail(),
                })?;
                convert(&result, &Type::String)
                    .or_else(|e| fail(format!("invalid template result: {}", e.message)))
            },
        ),
    ]
}

/// What takes the places of the two functions within a template.
pub(super) fn refusals() -> Vec<Function> {
    ["templatefile", "templatestring"]
        .into_iter()
        .map(|name| {
            let p = |name| param(name, Type::Dynamic, "").null().unknown().dynamic().marked();
            let params = [p(if name == "templatefile" { "path" } else { "template" }), p("vars")];
            function(name, "Not available within a template.", params, Type::Dynamic, move |_| {
                fail(format!("cannot recursively call {name} from inside another template function"))
            })
        })
        .collect()
}

/// The evaluator handles these by itself, as they take expressions and not
/// values. Here they are for documentation and for who asks for their names.
pub(super) fn special_forms() -> Vec<Function> {
    let expression = |name| param(name, Type::Dynamic, "An expression.");
    vec![
        function("try", "The first of some expressions that has no error.", [], Type::Dynamic, |a| {
            a.first().cloned().map_or_else(|| fail("at least one argument is required"), Ok)
        })
        .variadic(expression("expressions").unknown().dynamic().marked())
        .nullable(),
        function(
            "can",
            "Whether an expression has no error.",
            [expression("expression").dynamic()],
            Type::Bool,
            |_| Ok(Value::bool(true)),
        ),
        function(
            "convert",
            "The value as one of a type, which is written as for a variable.",
            [expression("value").null().unknown().dynamic().marked(), expression("type")],
            Type::Dynamic,
            |a| a.first().cloned().map_or_else(|| fail("a value is required"), Ok),
        )
        .nullable(),
    ]
}

/// Why there is no result.
enum Problem {
    Syntax(String),
    Variables(String),
    Evaluation(String),
}

impl Problem {
    fn fail<T>(self) -> Res<T> {
        match self {
            Problem::Variables(e) => fail_arg(1, e),
            Problem::Syntax(e) | Problem::Evaluation(e) => fail(e),
        }
    }
}

struct Template {
    sources: Sources,
    file: Arc<crate::source::SourceFile>,
}

impl Template {
    fn new(name: &str, text: String) -> Template {
        let sources = Sources::new();
        let file = sources.add(name, text);
        Template { sources, file }
    }
    fn render(&self, vars: &Value, functions: &SharedTable) -> Result<Value, Problem> {
        let mut diags = Diagnostics::new();
        let expr = parse_template(&self.file, &mut diags);
        let Some(expr) = expr.filter(|_| !diags.has_errors()) else {
            return Err(Problem::Syntax(self.errors(&diags)));
        };
        let Some(fields) = vars.as_fields() else {
            return Err(Problem::Variables("invalid vars value: must be a map".into()));
        };
        if let Some(bad) = fields.names().find(|n| !is_identifier(n)) {
            return Err(Problem::Variables(format!(
                "invalid template variable name {}: must start with a letter, followed by zero or more letters, digits, and underscores",
                quote(bad)
            )));
        }
        // Said here, as the user should look at the call and not at the template.
        if let Some(missing) = expr.references().into_iter().find(|r| !fields.contains(&r.root.name)) {
            return Err(Problem::Variables(format!(
                "vars map does not contain key {}, referenced at {}",
                quote(&missing.root.name),
                range_text(&self.sources, missing.root.span)
            )));
        }
        let scope = Variables { fields, functions: Functions::shared(functions), sources: &self.sources };
        let result = evaluate(&expr, &scope, &mut diags);
        if diags.has_errors() {
            return Err(Problem::Evaluation(self.errors(&diags)));
        }
        if result.is_null() {
            return Err(Problem::Evaluation(format!(
                "{}: Template result is null; The result of the template is null, which is not a valid result for a templatestring call.",
                range_text(&self.sources, expr.span)
            )));
        }
        Ok(result)
    }
    /// The first error in one line, and how many more there are.
    fn errors(&self, diags: &Diagnostics) -> String {
        let Some(first) = diags.iter().find(|d| d.is_error()) else { return String::new() };
        let place = first.subject.map(|s| format!("{}: ", range_text(&self.sources, s))).unwrap_or_default();
        let more = match diags.len() {
            1 => String::new(),
            n => format!(", and {} other diagnostic(s)", n - 1),
        };
        format!("{place}{}; {}{more}", first.summary, first.detail)
    }
}

/// The variables of a template.
struct Variables<'a> {
    fields: &'a Fields,
    functions: Functions,
    sources: &'a Sources,
}

impl Scope for Variables<'_> {
    fn resolve(&self, root: &Ident, _: &[Step], diags: &mut Diagnostics) -> Option<Resolved> {
        match self.fields.get(&root.name) {
            Some(v) => Some(Resolved { value: v.clone(), consumed: 0 }),
            None => {
                let detail = format!("There is no variable named {}.", quote(&root.name));
                diags.error(root.span, "Unknown variable", detail);
                None
            }
        }
    }
    fn functions(&self) -> &Functions {
        &self.functions
    }
    fn describe_span(&self, span: Span) -> Option<String> {
        Some(range_text(self.sources, span))
    }
}
