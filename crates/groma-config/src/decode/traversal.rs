//! References that must be constant: `depends_on`, `provider`, `moved.from` and
//! others, which are names and not values.

use super::{Cx, is_identifier};
use groma_lang::ast::{Traversal, TraversalStep};
use groma_lang::{Expr, ExprKind, Ident, Span};
use groma_value::addr::{AbsResource, Key, Mode, ModuleInstance, Resource, ResourceInstance, Target};
use groma_value::{Name, Value};

/// The elements of a list that must be written out: `[a, b]`.
pub(crate) fn list<'e>(expr: &'e Expr, cx: &mut Cx<'_>) -> Option<&'e [Expr]> {
    match &expr.kind {
        ExprKind::Tuple(items) => Some(items),
        _ => {
            cx.error(expr.span, "Invalid expression", "A list written out in brackets is needed here.");
            None
        }
    }
}

/// The text of an expression that is a plain string.
pub(crate) fn plain_string(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(v @ Value::String(_)) => v.as_str(),
        _ => None,
    }
}

/// A single word: `all`, `destroy`.
pub(crate) fn keyword(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Variable(name) => Some(name),
        _ => None,
    }
}

/// Unquotes a reference written as a string: always so in JSON syntax, and
/// deprecated in the native one.
pub(crate) fn unquoted(expr: &Expr, json: bool, cx: &mut Cx<'_>) -> Expr {
    let Some(text) = plain_string(expr) else { return expr.clone() };
    if !json {
        cx.warning(
            expr.span,
            "Quoted references are deprecated",
            "A reference stands here without quotes. Quotes are accepted for the sake of old configurations; \
             remove them.",
        );
    }
    parse_text(text, expr.span).unwrap_or_else(|| expr.clone())
}

/// A constant reference, or an error.
pub(crate) fn reference(expr: &Expr, cx: &mut Cx<'_>) -> Option<Traversal> {
    let t = expr.as_traversal();
    if t.is_none() {
        cx.error(
            expr.span,
            "Invalid expression",
            "A reference is needed here: names joined by dots and constant keys in brackets, without \
             calculations, calls or templates.",
        );
    }
    t
}

/// A list of constant references, such as `depends_on`.
pub(crate) fn reference_list(expr: &Expr, json: bool, cx: &mut Cx<'_>) -> Vec<Expr> {
    let mut out = Vec::new();
    for item in list(expr, cx).unwrap_or_default() {
        let item = unquoted(item, json, cx);
        if reference(&item, cx).is_some() {
            out.push(item);
        }
    }
    out
}

/// Reads `a.b[0]["c"]`. All of it gets the span `span`.
pub(crate) fn parse_text(text: &str, span: Span) -> Option<Expr> {
    let mut rest = text;
    let name = take_name(&mut rest)?;
    let mut expr = Expr { kind: ExprKind::Variable(name), span };
    while !rest.is_empty() {
        let kind = if let Some(r) = rest.strip_prefix('.') {
            rest = r;
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            if digits > 0 {
                let key = Value::int(rest[..digits].parse().ok()?);
                rest = &rest[digits..];
                ExprKind::Index(Box::new(expr), Box::new(Expr { kind: ExprKind::Literal(key), span }))
            } else {
                ExprKind::GetAttr(Box::new(expr), Ident { name: take_name(&mut rest)?, span })
            }
        } else {
            let inner = rest.strip_prefix('[')?;
            let key = if let Some(quoted) = inner.strip_prefix('"') {
                let end = quoted.find('"')?;
                // An escape or a template here is beyond what a quoted reference may be.
                if quoted[..end].contains(['\\', '$', '%']) {
                    return None;
                }
                rest = quoted[end + 1..].strip_prefix(']')?;
                Value::string(&quoted[..end])
            } else {
                let end = inner.find(']')?;
                rest = &inner[end + 1..];
                match inner[..end].parse() {
                    Ok(i) => Value::int(i),
                    // `[each.key]`, where that may be.
                    Err(_) => {
                        let key = parse_text(&inner[..end], span)?;
                        expr = Expr { kind: ExprKind::Index(Box::new(expr), Box::new(key)), span };
                        continue;
                    }
                }
            };
            ExprKind::Index(Box::new(expr), Box::new(Expr { kind: ExprKind::Literal(key), span }))
        };
        expr = Expr { kind, span };
    }
    Some(expr)
}

fn take_name(rest: &mut &str) -> Option<Name> {
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    let (name, tail) = rest.split_at(end);
    *rest = tail;
    is_identifier(name).then(|| name.into())
}

/// The span of a step.
pub(crate) fn step_span(step: &TraversalStep) -> Span {
    match step {
        TraversalStep::Attr(i) => i.span,
        TraversalStep::Index(_, s) => *s,
    }
}

/// Why a reference is no address.
pub(crate) struct BadAddress {
    /// Where.
    pub span: Span,
    /// A sentence.
    pub detail: String,
}

/// Reads a reference as the address of a module, resource or instance, as in
/// `moved` blocks and on the command line.
pub(crate) fn target(t: &Traversal) -> Result<Target, BadAddress> {
    let bad = |span, detail: &str| BadAddress { span, detail: detail.to_owned() };
    let attr = |i: usize| match t.steps.get(i) {
        Some(TraversalStep::Attr(n)) => Some(n.name.clone()),
        _ => None,
    };
    // Names by position: 0 is the root, i + 1 is step i.
    let name_at = |i: usize| if i == 0 { Some(t.root.name.clone()) } else { attr(i - 1) };
    let len = t.steps.len() + 1;
    let mut i = 0;
    let mut module = Vec::new();
    while name_at(i).as_deref() == Some("module") {
        let Some(name) = name_at(i + 1) else {
            let span = t.steps.get(i).map_or(t.span, step_span);
            return Err(bad(
                span,
                "The word \"module\" must be followed by a dot and the name of a module call.",
            ));
        };
        i += 2;
        let mut key = Key::None;
        if i < len && name_at(i).is_none() {
            key = step_key(&t.steps[i - 1])?;
            i += 1;
        }
        module.push((name, key));
    }
    let module: ModuleInstance = module.into_iter().collect();
    if i >= len {
        return Ok(Target::Module(module));
    }
    let mode = match name_at(i).as_deref() {
        Some("data") => Mode::Data,
        Some("ephemeral") => Mode::Ephemeral,
        _ => Mode::Managed,
    };
    let explicit = name_at(i).as_deref() == Some("resource");
    if mode != Mode::Managed || explicit {
        i += 1;
    }
    if len - i < 2 {
        return Err(bad(t.span, "The address of a resource has a resource type and a name."));
    }
    let Some(ty) = name_at(i) else {
        return Err(bad(step_span(&t.steps[i - 1]), "A resource type is missing here."));
    };
    let Some(name) = name_at(i + 1) else {
        return Err(bad(step_span(&t.steps[i]), "The name of a resource is missing here."));
    };
    let resource = Resource { mode, ty, name };
    match t.steps.get(i + 1..).unwrap_or_default() {
        [] => Ok(Target::Resource(AbsResource { module, resource })),
        [TraversalStep::Attr(a)] => {
            Err(bad(a.span, "After a resource only the key of an instance may follow."))
        }
        [key] => Ok(Target::Instance(ResourceInstance { module, resource, key: step_key(key)? })),
        [_, more, ..] => Err(bad(step_span(more), "Nothing may follow the key of an instance.")),
    }
}

fn step_key(step: &TraversalStep) -> Result<Key, BadAddress> {
    if let TraversalStep::Index(v, _) = step {
        if let Some(s) = v.as_str() {
            return Ok(Key::Str(s.into()));
        }
        if let Some(n) = v.as_number().and_then(groma_value::Number::as_usize) {
            return Ok(Key::Int(n as u64));
        }
    }
    Err(BadAddress {
        span: step_span(step),
        detail: "The key of an instance is a whole number or a quoted string.".to_owned(),
    })
}
