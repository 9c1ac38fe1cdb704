//! Expressions of the configuration: the constant they are, or what they refer to.

use super::value::{Obj, object, plain};
use groma_config::{Subject, parse_reference};
use groma_lang::ast::{Traversal, TraversalStep};
use groma_lang::decode::references_in_body;
use groma_lang::syntax::json_to_blocks;
use groma_lang::{Attribute, Block, Body, Diagnostics, Expr, Sources};
use groma_value::schema::{self, NestedBlock, Nesting};
use groma_value::{Fields, Name, Type, Value, convert, json};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An expression: `constant_value` where it needs nothing to be evaluated, and
/// `references`. Both are absent for a call of a function with constants.
pub(super) fn expression(e: &Expr, sources: &Sources) -> Json {
    let mut out = Obj::new();
    out.opt("constant_value", constant(e, sources));
    out.filled("references", references(&e.references()));
    out.json()
}

/// As [`expression`]; nothing where that would be empty.
pub(super) fn told(e: &Expr, sources: &Sources) -> Option<Json> {
    let j = expression(e, sources);
    (!j.as_object().is_some_and(|o| o.is_empty())).then_some(j)
}

fn constant(e: &Expr, sources: &Sources) -> Option<Json> {
    let file = sources.get(e.span.file);
    if file.name.ends_with(".json") {
        // Without names to be resolved, a string of JSON syntax is just that
        // string, templates included.
        let raw: Json = serde_json::from_str(file.slice(e.span)).ok()?;
        return json::from_json_implied(&raw).ok().map(|v| plain(&v));
    }
    constant_value(e).map(|v| plain(&v))
}

fn constant_value(e: &Expr) -> Option<Value> {
    let mut diags = Diagnostics::new();
    let v = groma_lang::eval::evaluate_constant(e, &mut diags);
    (!diags.has_errors()).then_some(v)
}

/// What is referred to, each followed by the shorter forms that it implies, down
/// to the object: `a.b[0].c`, `a.b[0]`, `a.b`.
fn references(all: &[Traversal]) -> Json {
    let mut out: Vec<Json> = Vec::new();
    for t in all {
        let Ok(r) = parse_reference(t) else { continue };
        let subject = subject_text(&r.subject);
        for n in (1..=r.remaining.len()).rev() {
            let rest: String = r.remaining[..n].iter().map(step_text).collect();
            out.push(format!("{subject}{rest}").into());
        }
        out.push(subject.into());
        out.extend(containing(&r.subject).map(Json::from));
    }
    Json::Array(out)
}

/// What a reference is to, as it is written.
pub(super) fn subject_text(s: &Subject) -> String {
    match s {
        Subject::Variable(n) => format!("var.{n}"),
        Subject::Local(n) => format!("local.{n}"),
        Subject::Resource { addr, key } => format!("{addr}{key}"),
        Subject::Module { name, key, output: None } => format!("module.{name}{key}"),
        Subject::Module { name, key, output: Some(o) } => format!("module.{name}{key}.{}", o.name),
        Subject::EachKey => "each.key".into(),
        Subject::EachValue => "each.value".into(),
        Subject::CountIndex => "count.index".into(),
        Subject::Path(n) => format!("path.{n}"),
        Subject::Terraform(n) => format!("terraform.{n}"),
        Subject::SelfObject => "self".into(),
    }
}

/// The object that an instance or an output belongs to.
fn containing(s: &Subject) -> Option<String> {
    use groma_value::addr::Key;
    match s {
        Subject::Resource { addr, key } if *key != Key::None => Some(addr.to_string()),
        Subject::Module { name, key, output: Some(_) } => Some(format!("module.{name}{key}")),
        Subject::Module { name, key, output: None } if *key != Key::None => Some(format!("module.{name}")),
        _ => None,
    }
}

pub(super) fn step_text(s: &TraversalStep) -> String {
    match s {
        TraversalStep::Attr(n) => format!(".{}", n.name),
        TraversalStep::Index(Value::String(s), _) => format!("[{s:?}]"),
        TraversalStep::Index(v, _) => format!("[{}]", plain(v)),
    }
}

/// The subjects of a `depends_on`.
pub(super) fn depends_on(list: &[Expr]) -> Json {
    list.iter()
        .filter_map(|e| {
            let r = parse_reference(&e.as_traversal()?).ok()?;
            Some(Json::from(subject_text(&r.subject)))
        })
        .collect()
}

/// The arguments of a body, all of them: for bodies whose schema has no blocks.
pub(super) fn arguments<'a>(attributes: impl Iterator<Item = &'a Attribute>, sources: &Sources) -> Json {
    let sorted: BTreeMap<&str, &Attribute> = attributes.map(|a| (&*a.name.name, a)).collect();
    object(sorted.into_iter().map(|(n, a)| (n, expression(&a.expr, sources))))
}

/// The arguments and nested blocks of a body. `dynamic` blocks are not told: what
/// they make is not in the configuration.
pub(super) fn expressions(body: &Body, schema: &schema::Block, sources: &Sources) -> Json {
    let mut out: BTreeMap<&str, Json> = BTreeMap::new();
    for (name, attribute) in &schema.attributes {
        if let Some(a) = body.attribute(name) {
            out.insert(name, expression(&a.expr, sources));
        } else if let Type::List(t) | Type::Set(t) = &attribute.ty
            && let Type::Object(_) = &**t
        {
            let blocks: Vec<&Block> = body.blocks_of(name).collect();
            if !blocks.is_empty() {
                out.insert(name, attribute_blocks(&blocks, t));
            }
        }
    }
    for (name, nested) in &schema.blocks {
        let blocks = blocks_of(body, name, nested, sources);
        if !blocks.is_empty() {
            out.insert(name, nested_blocks(&blocks, nested, sources));
        }
    }
    object(out)
}

/// The blocks of a type, `dynamic` ones left out.
pub(super) fn blocks_of<'b>(
    body: &'b Body,
    name: &str,
    nested: &NestedBlock,
    sources: &Sources,
) -> Vec<Cow<'b, Block>> {
    if !body.json {
        return body.blocks.iter().filter(|b| *b.ty.name == *name).map(Cow::Borrowed).collect();
    }
    let labels: &[&str] = if nested.nesting == Nesting::Map { &["key"] } else { &[] };
    let Some(property) = body.attribute(name) else { return Vec::new() };
    let file = sources.get(property.span.file);
    // What is wrong was reported when the configuration was loaded.
    let found = json_to_blocks(&file, &property.name, &property.expr, labels, &mut Diagnostics::new());
    found.into_iter().map(Cow::Owned).collect()
}

fn nested_blocks(blocks: &[Cow<'_, Block>], nested: &NestedBlock, sources: &Sources) -> Json {
    let one = |b: &Block| expressions(&b.body, &nested.block, sources);
    match nested.nesting {
        Nesting::Single | Nesting::Group => blocks.last().map_or(Json::Null, |b| one(b)),
        Nesting::List | Nesting::Set => blocks.iter().map(|b| one(b)).collect(),
        Nesting::Map => {
            let by_label: BTreeMap<&str, &Block> =
                blocks.iter().map(|b| (b.labels.first().map_or("", |l| &*l.name), &**b)).collect();
            object(by_label.into_iter().map(|(l, b)| (l, one(b))))
        }
    }
}

/// An attribute of a list of objects that is written as blocks, as the expression
/// that it stands for.
fn attribute_blocks(blocks: &[&Block], element: &Type) -> Json {
    let Type::Object(object) = element else { return Json::Null };
    let attrs = object.attrs.iter();
    let schema =
        schema::Block::of_attributes(attrs.map(|(n, t)| (n.clone(), schema::Attribute::optional(t.clone()))));
    let value = |b: &&Block| -> Option<Value> {
        let field = |(n, t): (&Name, &Type)| {
            let v = match b.body.attribute(n) {
                Some(a) => convert(&constant_value(&a.expr)?, t).ok()?,
                None => Value::null(t.clone()),
            };
            Some((n.clone(), v))
        };
        let fields: Fields = object.attrs.iter().map(field).collect::<Option<_>>()?;
        Some(Value::Object(Arc::new(fields)))
    };
    let mut out = Obj::new();
    let constant: Option<Vec<Value>> = blocks.iter().map(value).collect();
    out.opt("constant_value", constant.map(|items| items.iter().map(plain).collect::<Vec<_>>()));
    let all: Vec<Traversal> = blocks.iter().flat_map(|b| references_in_body(&b.body, &schema)).collect();
    out.filled("references", references(&all));
    out.json()
}
