//! The functions of the built-in provider, about the syntax itself: `encode_expr`,
//! `encode_tfvars` and `decode_tfvars`. They are called by a name with the provider's
//! local name in it.

use super::Function;
use super::build::{Res, fail, function, param, text};
use crate::diag::{Diagnostic, Diagnostics};
use crate::eval::{evaluate_constant, quote, range_text};
use crate::source::Sources;
use crate::{syntax, write};
use groma_value::{Type, Value};

/// What messages call the text that is decoded.
const ARGUMENT: &str = "<decode_tfvars argument>";

/// The functions, each with `prefix` before its name.
pub fn functions(prefix: &str) -> Vec<Function> {
    let any = || param("value", Type::Dynamic, "").dynamic().unknown();
    vec![
        function(
            &format!("{prefix}encode_expr"),
            "The text of an expression that gives a value.",
            [any()],
            Type::String,
            |a| match a[0].is_wholly_known() {
                true => Ok(Value::string(write::expression_text(&a[0]))),
                false => Ok(Value::unknown(Type::String)),
            },
        ),
        function(
            &format!("{prefix}encode_tfvars"),
            "The text of a .tfvars file that sets a variable for each attribute of an object.",
            [any()],
            Type::String,
            encode,
        ),
        function(
            &format!("{prefix}decode_tfvars"),
            "The values that the text of a .tfvars file sets, as an object.",
            [param("src", Type::String, "")],
            Type::Dynamic,
            |a| decode(text(&a[0])),
        ),
    ]
}

fn encode(a: &[Value]) -> Res<Value> {
    let v = &a[0];
    if !v.is_known() {
        return Ok(Value::unknown(Type::String));
    }
    let Some(fields) = v.as_fields() else {
        return fail(
            "invalid value to encode: must be an object whose attribute names will become the encoded variable names",
        );
    };
    if let Some(name) = fields.iter().map(|(n, _)| n).find(|n| !syntax::is_identifier(n)) {
        return fail(format!(
            "invalid variable name {}: must be a valid identifier, per Terraform's rules for input variable declarations",
            quote(name)
        ));
    }
    if !v.is_wholly_known() {
        return Ok(Value::unknown(Type::String));
    }
    Ok(Value::string(write::arguments_text(fields.iter().map(|(n, v)| (&**n, v)))))
}

fn decode(src: &str) -> Res<Value> {
    let sources = Sources::new();
    let file = sources.add(ARGUMENT, src);
    let mut diags = Diagnostics::new();
    let body = syntax::parse_file(&file, &mut diags);
    if let Some(d) = diags.iter().find(|d| d.is_error()) {
        return fail(format!("invalid tfvars syntax: {}", told(d, &sources)));
    }
    if let Some(b) = body.blocks.first() {
        let place = range_text(&sources, b.ty.span);
        return fail(format!(
            "invalid tfvars content: {place}: Unexpected {} block; Blocks are not allowed here",
            quote(&b.ty.name)
        ));
    }
    let mut out = Vec::new();
    for a in &body.attributes {
        let v = evaluate_constant(&a.expr, &mut diags);
        if let Some(d) = diags.iter().find(|d| d.is_error()) {
            let why = told(d, &sources);
            return fail(format!("invalid expression for variable {}: {why}", quote(&a.name.name)));
        }
        out.push((a.name.name.clone(), v));
    }
    Ok(Value::object(out))
}

fn told(d: &Diagnostic, sources: &Sources) -> String {
    let place = d.subject.map(|s| range_text(sources, s)).unwrap_or_default();
    format!("{place}: {}; {}", d.summary, d.detail.trim_end_matches('.'))
}
