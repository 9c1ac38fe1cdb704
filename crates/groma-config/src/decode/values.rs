//! `variable`, `locals` and `output`.

use super::constant::{self, bool_arg, string_arg};
use super::{BAD_NAME, Cx, check, is_identifier, traversal};
use crate::content::{Shape, content, opt, req};
use crate::model::{Local, Output, Variable};
use groma_lang::ast::{Traversal, TraversalStep};
use groma_lang::{Attribute, Block, Body, Diagnostics, Sources};
use groma_value::convert::Defaults;
use groma_value::{Type, Value, convert};
use std::sync::Arc;

const VARIABLE: Shape = Shape {
    attrs: &[
        opt("description"),
        opt("default"),
        opt("type"),
        opt("sensitive"),
        opt("ephemeral"),
        opt("nullable"),
        opt("const"),
        opt("deprecated"),
    ],
    blocks: &[("validation", &[])],
};

/// Names that mean something else within `module` blocks.
const RESERVED: &[&str] =
    &["source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"];

/// A `variable` block.
pub(crate) fn variable(block: &Block, cx: &mut Cx<'_>) -> Option<Variable> {
    let name = block.labels.first()?.clone();
    let found = content(&block.body, &VARIABLE, cx);
    if !is_identifier(&name.name) {
        cx.error(name.span, "Invalid variable name", BAD_NAME);
    }
    if RESERVED.contains(&&*name.name) {
        cx.error(
            name.span,
            "Invalid variable name",
            format!(
                "The name \"{}\" has a meaning of its own in module blocks, so no variable may have it.",
                name.name
            ),
        );
    }
    let flag = |arg: &str, cx: &mut Cx<'_>| found.attr(arg).and_then(|a| bool_arg(a, cx));
    let description = found.attr("description").and_then(|a| string_arg(a, cx));
    let declared = found.attr("type").map(|a| type_arg(a, block.body.json, cx));
    let (ty, type_defaults, parse_literal) = declared.unwrap_or((Type::Dynamic, None, true));
    let sensitive = flag("sensitive", cx).unwrap_or(false);
    let ephemeral = flag("ephemeral", cx).unwrap_or(false);
    let nullable = flag("nullable", cx).unwrap_or(true);
    let constant = flag("const", cx).unwrap_or(false);
    let deprecated = found.attr("deprecated").and_then(|a| deprecation(a, cx));
    if constant && ephemeral {
        cx.error(
            block.header,
            "Invalid variable",
            "A constant value decides what is installed, so it cannot be ephemeral: leave out const or ephemeral.",
        );
    }
    let default =
        found.attr("default").and_then(|a| default_arg(a, &ty, type_defaults.as_deref(), nullable, cx));
    let mut validations = Vec::new();
    for b in found.blocks_of("validation") {
        let Some(rule) = check::rule(b, cx) else { continue };
        if !rule.condition.references().iter().any(|t| is_variable(t, &name.name)) {
            cx.error(
                rule.condition.span,
                "Invalid variable validation condition",
                format!(
                    "The condition must refer to var.{0}: it is there to test the value of \"{0}\".",
                    name.name
                ),
            );
        }
        validations.push(rule);
    }
    Some(Variable {
        name,
        ty,
        type_defaults,
        default,
        description,
        sensitive,
        ephemeral,
        nullable,
        constant,
        deprecated,
        validations,
        parse_literal,
        span: block.header,
    })
}

/// The message of `deprecated`.
fn deprecation(a: &Attribute, cx: &mut Cx<'_>) -> Option<String> {
    let text = string_arg(a, cx)?;
    if text.trim().is_empty() {
        cx.error(a.expr.span, "Invalid deprecation message", "Say what to use instead.");
        return None;
    }
    Some(text)
}

fn is_variable(t: &Traversal, name: &str) -> bool {
    &*t.root.name == "var" && matches!(t.steps.first(), Some(TraversalStep::Attr(a)) if &*a.name == name)
}

/// A type constraint, its defaults, and whether input is taken literally.
fn type_arg(attr: &Attribute, json: bool, cx: &mut Cx<'_>) -> (Type, Option<Arc<Defaults>>, bool) {
    let (ty, defaults) = match traversal::plain_string(&attr.expr) {
        // JSON has no other way to write a type than as a string.
        Some(text) if json => json_type(text, attr, cx),
        _ => groma_lang::typeexpr::type_constraint(&attr.expr, cx.diags),
    };
    let literal = ty.is_primitive();
    (ty, defaults.map(Arc::new), literal)
}

fn json_type(text: &str, attr: &Attribute, cx: &mut Cx<'_>) -> (Type, Option<Defaults>) {
    // Places in the text of a string are not places of the file: all is reported
    // at the string as a whole.
    let inner = Sources::new();
    let mut diags = Diagnostics::new();
    let parsed = groma_lang::syntax::parse_expr(&inner.add("type", text), &mut diags)
        .map(|e| groma_lang::typeexpr::type_constraint(&e, &mut diags));
    for mut d in diags {
        d.subject = Some(attr.expr.span);
        d.context = None;
        cx.diags.push(d);
    }
    parsed.unwrap_or((Type::Dynamic, None))
}

fn default_arg(
    attr: &Attribute,
    ty: &Type,
    defaults: Option<&Defaults>,
    nullable: bool,
    cx: &mut Cx<'_>,
) -> Option<Value> {
    const SUMMARY: &str = "Invalid default value for variable";
    let span = attr.expr.span;
    let mut value = constant::evaluate(&attr.expr, cx)?;
    if let Some(d) = defaults
        && !value.is_null()
    {
        value = d.apply(&value);
    }
    let value = match convert(&value, ty) {
        Ok(v) => v,
        Err(e) => {
            cx.error(span, SUMMARY, format!("The default does not fit the type of the variable: {e}."));
            return Some(Value::unknown(ty.clone()));
        }
    };
    if !nullable && value.is_null() {
        cx.error(span, SUMMARY, "The default is null, but the variable has nullable = false.");
    }
    Some(value)
}

/// The content of a `locals` block.
pub(crate) fn locals(body: &Body, cx: &mut Cx<'_>) -> Vec<Local> {
    for b in &body.blocks {
        cx.error(b.ty.span, "Unsupported block type", format!("A locals block holds arguments only: to define the local value \"{}\", write an equals sign after it.", b.ty.name));
    }
    let mut out = Vec::new();
    for a in &body.attributes {
        if body.json && &*a.name.name == "//" {
            continue;
        }
        cx.check_name(&a.name, "Invalid local value name");
        out.push(Local { name: a.name.clone(), expr: a.expr.clone(), span: a.span });
    }
    out
}

const OUTPUT: Shape = Shape {
    attrs: &[
        opt("description"),
        req("value"),
        opt("depends_on"),
        opt("sensitive"),
        opt("ephemeral"),
        opt("type"),
        opt("deprecated"),
    ],
    blocks: &[("precondition", &[]), ("postcondition", &[])],
};

/// An `output` block.
pub(crate) fn output(block: &Block, cx: &mut Cx<'_>) -> Option<Output> {
    let name = block.labels.first()?.clone();
    let found = content(&block.body, &OUTPUT, cx);
    cx.check_name(&name, "Invalid output name");
    let description = found.attr("description").and_then(|a| string_arg(a, cx));
    let sensitive = found.attr("sensitive").and_then(|a| bool_arg(a, cx)).unwrap_or(false);
    let ephemeral = found.attr("ephemeral").and_then(|a| bool_arg(a, cx)).unwrap_or(false);
    let depends_on = found
        .attr("depends_on")
        .map(|a| traversal::reference_list(&a.expr, block.body.json, cx))
        .unwrap_or_default();
    let mut preconditions = Vec::new();
    for b in &found.blocks {
        if &*b.ty.name == "postcondition" {
            cx.error(
                b.header,
                "Postconditions are not allowed",
                "An output has preconditions only: it does nothing whose result could be checked afterwards.",
            );
        } else {
            preconditions.extend(check::rule(b, cx));
        }
    }
    let ty = found.attr("type").map(|a| type_arg(a, block.body.json, cx)).map(|(ty, d, _)| (ty, d));
    let deprecated = found.attr("deprecated").and_then(|a| deprecation(a, cx));
    let expr = found.attr("value")?.expr.clone();
    Some(Output {
        name,
        expr,
        ty,
        description,
        deprecated,
        sensitive,
        ephemeral,
        depends_on,
        preconditions,
        span: block.header,
    })
}
