//! `regex`, `regexall` and `replace`.

use super::Function;
use super::build::*;
use super::regex_go::Regex;
use groma_value::{Type, Value};
use std::sync::Arc;

pub(super) fn functions() -> Vec<Function> {
    let pattern = || param("pattern", Type::String, "The regular expression.");
    let string = || param("string", Type::String, "The text to search.");
    vec![
        function(
            "regex",
            "What a regular expression matches first: the match, or its groups.",
            [pattern(), string()],
            Type::Dynamic,
            |a| {
                let (regex, ty) = compile(&a[0])?;
                match regex.first(text(&a[1])) {
                    Some(groups) => Ok(result(&regex, &ty, &groups)),
                    None => fail("pattern did not match any part of the given string"),
                }
            },
        )
        .typed(|a| if a[0].is_known() { compile(&a[0]).map(|(_, ty)| ty) } else { Ok(Type::Dynamic) }),
        function(
            "regexall",
            "All that a regular expression matches: the matches, or their groups.",
            [pattern(), string()],
            Type::list(Type::Dynamic),
            |a| {
                let (regex, ty) = compile(&a[0])?;
                let all = regex.all(text(&a[1]));
                let all = all.iter().map(|groups| result(&regex, &ty, groups)).collect();
                Ok(Value::list(ty, all))
            },
        )
        .typed(|a| {
            let element = if a[0].is_known() { compile(&a[0])?.1 } else { Type::Dynamic };
            Ok(Type::list(element))
        }),
        function(
            "replace",
            "A text with something else in all places of a part, or of what a regular expression in slashes matches.",
            [
                param("str", Type::String, "The text."),
                param("substr", Type::String, "The part, or /expression/."),
                param(
                    "replace",
                    Type::String,
                    "What to put there; with an expression, $1 stands for its first group.",
                ),
            ],
            Type::String,
            replace,
        ),
    ]
}

/// The expression, and the type of a match: a string without groups, an object
/// with named ones, a tuple with others.
fn compile(pattern: &Value) -> Res<(Arc<Regex>, Type)> {
    let regex = Regex::new(text(pattern))
        .or_else(|e| fail_arg(0, format!("invalid regexp pattern: {} in {}", e.code, e.part)))?;
    let named = regex.names.iter().filter(|n| !n.is_empty()).count();
    let ty = if regex.names.is_empty() {
        Type::String
    } else if named == 0 {
        Type::tuple(regex.names.iter().map(|_| Type::String))
    } else if named == regex.names.len() {
        Type::object(regex.names.iter().map(|n| (n.as_str(), Type::String)))
    } else {
        return fail_arg(0, "invalid regexp pattern: cannot mix both named and unnamed capture groups");
    };
    Ok((regex, ty))
}

fn result(regex: &Regex, ty: &Type, groups: &[Option<&str>]) -> Value {
    let value = |g: &Option<&str>| g.map_or(Value::null(Type::String), Value::string);
    match ty {
        Type::String => value(&groups[0]),
        Type::Tuple(_) => Value::tuple(groups[1..].iter().map(value).collect()),
        _ => Value::object(regex.names.iter().map(String::as_str).zip(groups[1..].iter().map(value))),
    }
}

fn replace(args: &[Value]) -> Res<Value> {
    let (s, part, with) = (text(&args[0]), text(&args[1]), text(&args[2]));
    if part.len() > 1
        && let Some(pattern) = part.strip_prefix('/').and_then(|p| p.strip_suffix('/'))
    {
        let regex = Regex::new(pattern)
            .or_else(|e| fail(format!("error parsing regexp: {}: `{}`", e.code, e.part)))?;
        return Ok(Value::string(regex.replace(s, with)));
    }
    Ok(Value::string(s.replace(part, with)))
}
