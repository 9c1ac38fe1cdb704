//! `override_...` and `mock_...` blocks: values in place of what providers compute.

use super::decode::{same, target, word};
use super::model::{MockProvider, MockValues, Override, OverrideKind};
use crate::content::{Arg, Shape, content, opt, req};
use crate::decode::constant::{self, string_arg};
use crate::decode::{BAD_NAME, Cx, is_identifier, provider};
use crate::files;
use crate::model::LocalProvider;
use groma_lang::{Attribute, Block, Body, Span};
use groma_value::addr::{Mode, Target};
use groma_value::{Name, Value};
use std::collections::BTreeMap;

/// The override blocks, for shapes.
pub(super) const OVERRIDES: [(&str, &[&str]); 3] =
    [("override_resource", &[]), ("override_data", &[]), ("override_module", &[])];

const VALUES: Shape = Shape { attrs: &[req("target"), opt("values"), opt("override_during")], blocks: &[] };
const OUTPUTS: Shape = Shape { attrs: &[req("target"), opt("outputs"), opt("override_during")], blocks: &[] };

const MOCK_BLOCKS: &[(&str, &[&str])] =
    &[("mock_resource", &["type"]), ("mock_data", &["type"]), OVERRIDES[0], OVERRIDES[1], OVERRIDES[2]];
const MOCK: Shape =
    Shape { attrs: &[opt("alias"), opt("source"), opt("override_during")], blocks: MOCK_BLOCKS };
const MOCK_FILE: Shape = Shape { attrs: &[], blocks: MOCK_BLOCKS };
const MOCK_ATTRS: &[Arg] = &[opt("defaults"), opt("override_during")];
const MOCK_TYPE: Shape = Shape { attrs: MOCK_ATTRS, blocks: &[] };

/// All override blocks among `blocks`.
pub(super) fn all(blocks: &[Block], cx: &mut Cx<'_>) -> Vec<Override> {
    overrides_in(blocks, false, cx)
}

fn overrides_in(blocks: &[Block], during_plan: bool, cx: &mut Cx<'_>) -> Vec<Override> {
    let mut out: Vec<Override> = Vec::new();
    for b in blocks {
        let kind = match &*b.ty.name {
            "override_resource" => OverrideKind::Resource,
            "override_data" => OverrideKind::Data,
            "override_module" => OverrideKind::Module,
            _ => continue,
        };
        let Some(o) = one(b, kind, during_plan, cx) else { continue };
        if let Some(first) = out.iter().find(|f| same(&f.target, &o.target)) {
            let place = cx.place(first.span);
            cx.error(
                o.span,
                format!("Duplicate {} block", b.ty.name),
                format!("There is an override of {} already, at {place}.", shown(&o.target)),
            );
            continue;
        }
        out.push(o);
    }
    out
}

/// An address as written.
fn shown(t: &Target) -> String {
    match t {
        Target::Module(m) => m.to_string(),
        Target::Resource(r) => r.to_string(),
        Target::Instance(i) => i.to_string(),
    }
}

fn one(b: &Block, kind: OverrideKind, during_plan: bool, cx: &mut Cx<'_>) -> Option<Override> {
    let (shape, name) = match kind {
        OverrideKind::Module => (&OUTPUTS, "outputs"),
        _ => (&VALUES, "values"),
    };
    let json = b.body.json;
    let found = content(&b.body, shape, cx);
    let address = found.attr("target").and_then(|a| target(a, json, cx));
    let values = values(found.attr(name), name, &b.ty.name, b.header, cx);
    let during_plan = during(found.attr("override_during"), json, cx).unwrap_or(during_plan);
    let (address, target_span) = address?;
    let mode = match &address {
        Target::Module(_) => None,
        Target::Resource(r) => Some(r.resource.mode),
        Target::Instance(i) => Some(i.resource.mode),
    };
    let (fits, wanted) = match kind {
        OverrideKind::Resource => (mode == Some(Mode::Managed), "managed resources"),
        OverrideKind::Data => (mode == Some(Mode::Data), "data sources"),
        OverrideKind::Module => (mode.is_none(), "modules"),
    };
    if !fits {
        cx.error(
            target_span,
            "Invalid override target",
            format!("A block {} is about {wanted}, and {} is none.", b.ty.name, shown(&address)),
        );
        return None;
    }
    let values = MockValues { during_plan, ..values };
    Some(Override { kind, target: address, target_span, values, span: b.header })
}

/// `values`, `outputs` or `defaults`: an object; nothing is an empty one.
fn values(a: Option<&Attribute>, name: &str, block: &str, at: Span, cx: &mut Cx<'_>) -> MockValues {
    let empty = MockValues { values: Value::empty_object(), during_plan: false, span: at };
    let Some(a) = a else { return empty };
    let Some(v) = constant::evaluate(&a.expr, cx) else { return empty };
    if v.as_fields().is_none() {
        cx.error(
            a.span,
            format!("Invalid {name} attribute"),
            format!("In a block {block}, \"{name}\" is an object: names with values, in braces."),
        );
        return empty;
    }
    MockValues { values: v, during_plan: false, span: a.expr.span }
}

/// `override_during`: whether it is `plan`.
fn during(a: Option<&Attribute>, json: bool, cx: &mut Cx<'_>) -> Option<bool> {
    let a = a?;
    match word(a, json) {
        Some("plan") => Some(true),
        Some("apply") => Some(false),
        _ => {
            let why = "Values are known from one of two moments, written without quotes: plan, or apply.";
            cx.error(a.span, "Invalid override_during value", why);
            None
        }
    }
}

/// A `mock_provider` block.
pub(super) fn mock_provider(b: &Block, cx: &mut Cx<'_>) -> Option<MockProvider> {
    let name = b.labels.first()?;
    let json = b.body.json;
    let found = content(&b.body, &MOCK, cx);
    if !provider::check_local_name(&name.name, b.header, cx) {
        return None;
    }
    let mut alias = None;
    if let Some(a) = found.attr("alias") {
        alias = string_arg(a, cx);
        if alias.as_ref().is_some_and(|t| !is_identifier(t)) {
            let why = format!("An alias is a name. {BAD_NAME}");
            cx.error(a.expr.span, "Invalid mock provider alias", why);
        }
    }
    let during_plan = during(found.attr("override_during"), json, cx).unwrap_or(false);
    let mut out = MockProvider {
        local: LocalProvider { name: name.name.to_lowercase().into(), alias: alias.map(Into::into) },
        resources: BTreeMap::new(),
        data: BTreeMap::new(),
        overrides: Vec::new(),
        span: b.header,
    };
    let own = &found.blocks;
    fill(&mut out, own, during_plan, cx);
    if let Some(a) = found.attr("source")
        && let Some(dir) = string_arg(a, cx)
    {
        // What the block says itself comes before what the files say.
        for body in mock_files(&dir, a.expr.span, cx) {
            let mut more = MockProvider {
                resources: BTreeMap::new(),
                data: BTreeMap::new(),
                overrides: Vec::new(),
                ..out.clone()
            };
            let blocks = content(&body, &MOCK_FILE, cx).blocks;
            fill(&mut more, &blocks, during_plan, cx);
            for (ty, v) in more.resources {
                out.resources.entry(ty).or_insert(v);
            }
            for (ty, v) in more.data {
                out.data.entry(ty).or_insert(v);
            }
            for o in more.overrides {
                if !out.overrides.iter().any(|x| same(&x.target, &o.target)) {
                    out.overrides.push(o);
                }
            }
        }
    }
    Some(out)
}

fn fill(out: &mut MockProvider, blocks: &[Block], during_plan: bool, cx: &mut Cx<'_>) {
    for b in blocks {
        let into: &mut BTreeMap<Name, MockValues> = match &*b.ty.name {
            "mock_resource" => &mut out.resources,
            "mock_data" => &mut out.data,
            _ => continue,
        };
        let Some(ty) = b.labels.first() else { continue };
        let found = content(&b.body, &MOCK_TYPE, cx);
        let v = values(found.attr("defaults"), "defaults", &b.ty.name, b.header, cx);
        let own = during(found.attr("override_during"), b.body.json, cx);
        if let Some(first) = into.get(&ty.name) {
            let place = cx.place(first.span);
            let why = format!("There are defaults for {} already, at {place}.", ty.name);
            cx.error(b.header, format!("Duplicate {} block", b.ty.name), why);
            continue;
        }
        into.insert(ty.name.clone(), MockValues { during_plan: own.unwrap_or(during_plan), ..v });
    }
    out.overrides.extend(overrides_in(blocks, during_plan, cx));
}

/// The `*.tfmock.hcl` and `*.tfmock.json` files of a directory, by name.
fn mock_files(dir: &str, at: Span, cx: &mut Cx<'_>) -> Vec<Body> {
    let dir = crate::source_addr::clean(std::path::Path::new(dir));
    let entries = match std::fs::read_dir(cx.options.working_dir.join(&dir)) {
        Ok(e) => e,
        Err(e) => {
            let why = format!("The directory {} cannot be read: {e}.", dir.display());
            cx.error(at, "Failed to read mock data directory", why);
            return Vec::new();
        }
    };
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|e| e.file_name().into_string().ok())
        .filter(|n| n.ends_with(".tfmock.hcl") || n.ends_with(".tfmock.json"))
        .collect();
    names.sort();
    let mut out = Vec::new();
    for n in names {
        let path = dir.join(n);
        match std::fs::read(cx.options.working_dir.join(&path)) {
            Ok(bytes) => out.extend(files::parse(&path.to_string_lossy(), bytes, cx.sources, cx.diags)),
            Err(e) => {
                let why = format!("The file {} cannot be read: {e}.", path.display());
                cx.error(at, "Failed to read file", why);
            }
        }
    }
    out
}
