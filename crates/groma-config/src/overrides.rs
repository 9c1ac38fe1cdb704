//! Override files: their blocks change blocks of the normal files.
//!
//! Merging happens on the syntax tree, before decoding: an argument replaces the
//! argument of the same name, and the nested blocks of a type replace all nested
//! blocks of that type, but for `lifecycle`, whose arguments are merged one by
//! one. What results is decoded and checked like anything else, with each part
//! keeping its place.

use crate::content::{Shape, partial_content};
use crate::decode::Cx;
use crate::decode::traversal::plain_string;
use groma_lang::{Attribute, Block, Body, ExprKind};

/// Merges the blocks of an override file into those of the normal files.
pub(crate) fn merge(blocks: &mut Vec<Block>, over: Vec<Block>, cx: &mut Cx<'_>) {
    for o in over {
        match &*o.ty.name {
            "locals" => locals(blocks, &o, cx),
            "terraform" => terraform(blocks, o, cx),
            "provider" => match blocks.iter_mut().find(|b| same_provider(b, &o)) {
                Some(base) => block(base, &o, cx),
                None => blocks.push(o),
            },
            ty @ ("moved" | "import" | "removed") => cx.error(
                o.header,
                format!("Cannot override '{ty}' blocks"),
                "What happened to objects is recorded in normal files, not in override files.",
            ),
            "check" => cx.error(
                o.header,
                "Can't override check blocks",
                "Checks stand in normal files; an override file cannot change them.",
            ),
            "required_providers" => blocks.push(o),
            _ => match blocks.iter_mut().find(|b| b.ty.name == o.ty.name && same_labels(b, &o)) {
                Some(base) => block(base, &o, cx),
                None => missing(&o, cx),
            },
        }
    }
}

fn same_labels(a: &Block, b: &Block) -> bool {
    a.labels.iter().map(|l| &l.name).eq(b.labels.iter().map(|l| &l.name))
}

fn same_provider(a: &Block, b: &Block) -> bool {
    fn alias(b: &Block) -> Option<&str> {
        b.body.attribute("alias").and_then(|a| plain_string(&a.expr))
    }
    &*a.ty.name == "provider" && same_labels(a, b) && alias(a) == alias(b)
}

fn missing(o: &Block, cx: &mut Cx<'_>) {
    let label = |i: usize| o.labels.get(i).map_or("", |l| &*l.name);
    let (summary, what) = match &*o.ty.name {
        "variable" => ("Missing base variable declaration to override", format!("variable \"{}\"", label(0))),
        "output" => ("Missing base output definition to override", format!("output \"{}\"", label(0))),
        "module" => ("Missing module call to override", format!("module call \"{}\"", label(0))),
        "data" => {
            ("Missing data resource to override", format!("data source \"{}\" \"{}\"", label(0), label(1)))
        }
        _ => ("Missing resource to override", format!("resource \"{}\" \"{}\"", label(0), label(1))),
    };
    cx.error(o.header, summary, only_existing(&what));
}

fn only_existing(what: &str) -> String {
    format!(
        "There is no {what} in the normal files of this module. An override file changes what is there, and adds nothing."
    )
}

fn locals(blocks: &mut [Block], over: &Block, cx: &mut Cx<'_>) {
    for a in &over.body.attributes {
        let base = blocks
            .iter_mut()
            .filter(|b| &*b.ty.name == "locals")
            .find_map(|b| b.body.attributes.iter_mut().find(|x| x.name.name == a.name.name));
        match base {
            Some(base) => *base = a.clone(),
            None => cx.error(
                a.span,
                "Missing base local value definition to override",
                only_existing(&format!("local value \"{}\"", a.name.name)),
            ),
        }
    }
}

const NESTED: Shape = Shape {
    attrs: &[],
    blocks: &[
        ("lifecycle", &[]),
        ("connection", &[]),
        ("provisioner", &["type"]),
        ("validation", &[]),
        ("precondition", &[]),
        ("postcondition", &[]),
        ("_", &[]),
    ],
};

/// Merges one block into another.
fn block(base: &mut Block, over: &Block, cx: &mut Cx<'_>) {
    if let ("module", Some(a)) = (&*base.ty.name, over.body.attribute("depends_on")) {
        let detail = "What a module waits for cannot be overridden: write it into the normal file.";
        cx.error(a.expr.span, "Unsupported override", detail);
    }
    let has = |b: &Block, name: &str| b.body.attribute(name).is_some();
    let alone = |b: &Block, this: &str, other: &str| has(b, this) && !has(b, other);
    // As in Terraform, count is what counts then, whichever of the files has it.
    let both = alone(base, "count", "for_each") && alone(over, "for_each", "count")
        || alone(base, "for_each", "count") && alone(over, "count", "for_each");
    base.body = body(&base.body, &over.body, cx);
    if both {
        base.body.attributes.retain(|a| &*a.name.name != "for_each");
    }
}

fn body(base: &Body, over: &Body, cx: &mut Cx<'_>) -> Body {
    let (base_nested, mut merged) = partial_content(base, &NESTED, cx);
    let (over_nested, over_rest) = partial_content(over, &NESTED, cx);
    merge_rest(&mut merged, &over_rest, cx);
    let mut nested = base_nested.blocks;
    let mut replaced: Vec<&str> = Vec::new();
    for o in &over_nested.blocks {
        let ty = &*o.ty.name;
        match ty {
            "validation" | "precondition" | "postcondition" => refuse_rule(o, cx),
            "lifecycle" => match nested.iter_mut().find(|b| &*b.ty.name == ty) {
                Some(b) => b.body = body(&b.body, &o.body, cx),
                None => nested.push(o.clone()),
            },
            "_" => nested.push(o.clone()),
            _ => {
                if !replaced.contains(&ty) {
                    nested.retain(|b| &*b.ty.name != ty);
                    replaced.push(ty);
                }
                nested.push(o.clone());
            }
        }
    }
    merged.blocks.extend(nested);
    merged
}

fn refuse_rule(o: &Block, cx: &mut Cx<'_>) {
    let ty = &o.ty.name;
    cx.error(
        o.header,
        format!("Can't override {ty} blocks"),
        format!("A {ty} block stands in a normal file; an override file cannot change it or add one."),
    );
}

/// Arguments one by one, blocks by type. A `dynamic` block counts as of the type
/// that it makes.
fn merge_rest(base: &mut Body, over: &Body, cx: &mut Cx<'_>) {
    fn made(b: &Block) -> &str {
        match (&*b.ty.name, b.labels.first()) {
            ("dynamic", Some(l)) => &l.name,
            (ty, _) => ty,
        }
    }
    let mut over_blocks = over.blocks.clone();
    for a in &over.attributes {
        // In JSON syntax an object may be a block: it is one if blocks of that
        // type are being replaced.
        let is_block = over.json
            && !base.json
            && matches!(a.expr.kind, ExprKind::Object(_) | ExprKind::Tuple(_))
            && base.blocks.iter().any(|b| made(b) == &*a.name.name);
        if is_block {
            over_blocks.extend(crate::content::json_blocks(a, &[], cx));
            continue;
        }
        set(&mut base.attributes, a);
    }
    base.blocks.retain(|b| !over_blocks.iter().any(|o| made(o) == made(b)));
    base.attributes.retain(|a| !over_blocks.iter().any(|o| made(o) == &*a.name.name));
    base.blocks.extend(over_blocks);
}

fn set(attrs: &mut Vec<Attribute>, a: &Attribute) {
    match attrs.iter_mut().find(|x| x.name.name == a.name.name) {
        Some(x) => *x = a.clone(),
        None => attrs.push(a.clone()),
    }
}

const TERRAFORM: Shape = Shape {
    attrs: &[],
    blocks: &[
        ("backend", &["type"]),
        ("cloud", &[]),
        ("required_providers", &[]),
        ("provider_meta", &["provider"]),
    ],
};

/// A `terraform` block of an override file: the version constraint and the
/// backend replace those of the normal files, provider requirements are replaced
/// one by one.
fn terraform(blocks: &mut Vec<Block>, over: Block, cx: &mut Cx<'_>) {
    let (found, rest) = partial_content(&over.body, &TERRAFORM, cx);
    let Some(first) = blocks.iter().position(|b| &*b.ty.name == "terraform") else {
        blocks.push(over);
        return;
    };
    // From here on the nested blocks of the base are explicit, in JSON syntax too.
    for b in blocks.iter_mut().filter(|b| &*b.ty.name == "terraform") {
        let (nested, mut body) = partial_content(&b.body, &TERRAFORM, cx);
        body.blocks.extend(nested.blocks);
        b.body = body;
    }
    for a in &rest.attributes {
        let base = terraform_blocks(blocks).find(|b| b.body.attribute(&a.name.name).is_some());
        match base {
            Some(b) => {
                set(&mut b.body.attributes, a);
                // The constraints of other blocks are replaced as well.
                terraform_blocks(blocks).for_each(|b| {
                    b.body.attributes.retain(|x| x.name.name != a.name.name || x.span == a.span)
                });
            }
            None => blocks[first].body.attributes.push(a.clone()),
        }
    }
    let mut backend_replaced = false;
    for o in found.blocks {
        match &*o.ty.name {
            "backend" | "cloud" => {
                if !backend_replaced {
                    terraform_blocks(blocks)
                        .for_each(|b| b.body.blocks.retain(|x| !matches!(&*x.ty.name, "backend" | "cloud")));
                    backend_replaced = true;
                }
                blocks[first].body.blocks.push(o);
            }
            "required_providers" => {
                let base = terraform_blocks(blocks)
                    .flat_map(|b| b.body.blocks.iter_mut())
                    .find(|b| &*b.ty.name == "required_providers");
                match base {
                    Some(base) => o.body.attributes.iter().for_each(|a| set(&mut base.body.attributes, a)),
                    None => blocks[first].body.blocks.push(o),
                }
            }
            _ => blocks[first].body.blocks.push(o),
        }
    }
}

fn terraform_blocks(blocks: &mut [Block]) -> impl Iterator<Item = &mut Block> {
    blocks.iter_mut().filter(|b| &*b.ty.name == "terraform")
}
