//! The blocks of a test file.

use super::model::{Run, RunCommand, RunModule, RunOptions, TestFile, TestProvider, VariableValue};
use super::overrides::{self, OVERRIDES};
use crate::content::{Content, Shape, content, opt, req};
use crate::decode::constant::{bool_arg, string_arg};
use crate::decode::traversal::{self, keyword, plain_string, unquoted};
use crate::decode::{Cx, check, module_call, provider};
use crate::model::LocalProvider;
use crate::source_addr::ModuleSource;
use groma_lang::{Attribute, Block, Body, Span};
use groma_value::addr::{Key, ResourceInstance, Target};
use std::collections::BTreeMap;

const FILE: Shape = Shape {
    attrs: &[],
    blocks: &[
        ("test", &[]),
        ("run", &["name"]),
        ("variables", &[]),
        ("provider", &["name"]),
        ("mock_provider", &["name"]),
        OVERRIDES[0],
        OVERRIDES[1],
        OVERRIDES[2],
    ],
};
/// Settings for all runs of a file.
const TEST: Shape = Shape { attrs: &[opt("parallel")], blocks: &[] };
const RUN: Shape = Shape {
    attrs: &[opt("command"), opt("providers"), opt("expect_failures"), opt("state_key"), opt("parallel")],
    blocks: &[
        ("plan_options", &[]),
        ("assert", &[]),
        ("variables", &[]),
        ("module", &[]),
        OVERRIDES[0],
        OVERRIDES[1],
        OVERRIDES[2],
    ],
};
const OPTIONS: Shape =
    Shape { attrs: &[opt("mode"), opt("refresh"), opt("replace"), opt("target")], blocks: &[] };
const MODULE: Shape = Shape { attrs: &[req("source"), opt("version")], blocks: &[] };

/// A whole file.
pub(super) fn file(name: &str, body: &Body, cx: &mut Cx<'_>) -> TestFile {
    let found = content(body, &FILE, cx);
    let mut out = TestFile {
        name: name.to_owned(),
        variables: Vec::new(),
        providers: BTreeMap::new(),
        overrides: overrides::all(&found.blocks, cx),
        runs: Vec::new(),
    };
    let parallel = single(&found, "test", "test file", cx)
        .map(|b| content(&b.body, &TEST, cx))
        .and_then(|c| c.attr("parallel").and_then(|a| bool_arg(a, cx)));
    if let Some(b) = single(&found, "variables", "test file", cx) {
        out.variables = variables(&b.body, cx);
    }
    for b in &found.blocks {
        match &*b.ty.name {
            "run" => {
                let Some(run) = run(b, parallel.unwrap_or(false), cx) else { continue };
                if let Some(first) = out.runs.iter().find(|r| r.name.name == run.name.name) {
                    let place = cx.place(first.span);
                    let why =
                        format!("There is a run \"{}\" in this file already, at {place}.", run.name.name);
                    cx.error(run.span, "Duplicate \"run\" block names", why);
                    continue;
                }
                out.runs.push(run);
            }
            "provider" | "mock_provider" => test_provider(b, &mut out.providers, cx),
            _ => {}
        }
    }
    out
}

/// The only block of a type; more than one is an error.
fn single<'a>(found: &'a Content, ty: &'a str, within: &str, cx: &mut Cx<'_>) -> Option<&'a Block> {
    let mut blocks = found.blocks_of(ty);
    let first = blocks.next()?;
    for b in blocks {
        let place = cx.place(first.header);
        cx.error(
            b.header,
            format!("Multiple \"{ty}\" blocks"),
            format!("This {within} has a block \"{ty}\" already, at {place}, and may have one only."),
        );
    }
    Some(first)
}

fn variables(body: &Body, cx: &mut Cx<'_>) -> Vec<VariableValue> {
    for b in &body.blocks {
        let why = format!(
            "Here values are given to variables, by arguments only: for the variable \"{0}\" write {0} = ...",
            b.ty.name
        );
        cx.error(b.ty.span, "Unsupported block type", why);
    }
    body.attributes
        .iter()
        .filter(|a| !(body.json && &*a.name.name == "//"))
        .map(|a| VariableValue { name: a.name.clone(), expr: a.expr.clone(), span: a.span })
        .collect()
}

fn test_provider(b: &Block, into: &mut BTreeMap<LocalProvider, TestProvider>, cx: &mut Cx<'_>) {
    let (local, found) = if &*b.ty.name == "provider" {
        if let Some(v) = b.body.attribute("version") {
            cx.error(
                v.span,
                "Version constraints are not allowed in test files",
                "Versions of providers are chosen by the required_providers block of the configuration. Move the constraint there.",
            );
            return;
        }
        let Some(p) = provider::provider(b, cx) else { return };
        if let Some(e) = &p.for_each {
            cx.error(
                e.span,
                "Unsupported argument",
                "A provider of a test file has one configuration: for_each is an argument of provider blocks in the \
                 configuration only.",
            );
        }
        (p.local.clone(), TestProvider::Real(p))
    } else {
        let Some(m) = overrides::mock_provider(b, cx) else { return };
        (m.local.clone(), TestProvider::Mock(m))
    };
    if let Some(first) = into.get(&local) {
        let place = cx.place(first.span());
        let why = format!("The provider {} is there already, at {place}.", module_call::show(&local));
        cx.error(found.span(), "Duplicate provider block", why);
        return;
    }
    into.insert(local, found);
}

/// The word that an argument is, quoted in JSON syntax.
pub(super) fn word(a: &Attribute, json: bool) -> Option<&str> {
    if json { plain_string(&a.expr) } else { keyword(&a.expr) }
}

fn run(b: &Block, parallel: bool, cx: &mut Cx<'_>) -> Option<Run> {
    let name = b.labels.first()?.clone();
    let json = b.body.json;
    let found = content(&b.body, &RUN, cx);
    cx.check_name(&name, "Invalid run block name");
    let command = match found.attr("command") {
        None => RunCommand::Apply,
        Some(a) => match word(a, json) {
            Some("plan") => RunCommand::Plan,
            Some("apply") => RunCommand::Apply,
            _ => {
                let why = "A run does one of two things, written without quotes: plan, or apply.";
                cx.error(a.expr.span, "Invalid \"command\" keyword", why);
                RunCommand::Apply
            }
        },
    };
    let options = single(&found, "plan_options", "run block", cx).map(|b| plan_options(b, cx));
    let values = single(&found, "variables", "run block", cx).map(|b| variables(&b.body, cx));
    let module = single(&found, "module", "run block", cx).and_then(|b| module(b, cx));
    let providers = found.attr("providers").map(|a| module_call::provider_map(a, json, cx));
    let mut expect_failures = Vec::new();
    if let Some(a) = found.attr("expect_failures") {
        for e in traversal::reference_list(&a.expr, json, cx) {
            expect_failures.extend(e.as_traversal());
        }
    }
    let asserts = found.blocks_of("assert").filter_map(|b| check::rule(b, cx)).collect();
    Some(Run {
        command,
        options: options.unwrap_or_default(),
        variables: values.unwrap_or_default(),
        providers,
        module,
        overrides: overrides::all(&found.blocks, cx),
        asserts,
        expect_failures,
        state_key: found.attr("state_key").and_then(|a| string_arg(a, cx)),
        parallel: found.attr("parallel").and_then(|a| bool_arg(a, cx)).unwrap_or(parallel),
        span: b.header,
        name,
    })
}

fn plan_options(b: &Block, cx: &mut Cx<'_>) -> RunOptions {
    let json = b.body.json;
    let found = content(&b.body, &OPTIONS, cx);
    let mut out = RunOptions::default();
    if let Some(a) = found.attr("mode") {
        match word(a, json) {
            Some("normal") => {}
            Some("refresh-only") => out.refresh_only = true,
            _ => {
                let why = "A plan has one of two modes, written without quotes: normal, or refresh-only.";
                cx.error(a.expr.span, "Invalid \"mode\" keyword", why);
            }
        }
    }
    if let Some(a) = found.attr("refresh") {
        out.refresh = bool_arg(a, cx).unwrap_or(true);
        if out.refresh_only && !out.refresh {
            let why = "A plan that only refreshes cannot go without refreshing: leave out one of the two.";
            cx.error(a.span, "Incompatible plan options", why);
        }
    }
    for (t, span) in found.attr("replace").map(|a| addresses(a, json, cx)).unwrap_or_default() {
        match t {
            Target::Resource(r) => out.replace.push(r.instance(Key::None)),
            Target::Instance(i) => out.replace.push(i),
            Target::Module(_) => {
                cx.error(span, "Invalid address", "Only instances of resources can be replaced.");
            }
        }
    }
    let targets = found.attr("target").map(|a| addresses(a, json, cx)).unwrap_or_default();
    out.targets = targets.into_iter().map(|(t, _)| t).collect();
    out
}

fn addresses(a: &Attribute, json: bool, cx: &mut Cx<'_>) -> Vec<(Target, Span)> {
    let mut out = Vec::new();
    for e in traversal::reference_list(&a.expr, json, cx) {
        let Some(t) = e.as_traversal() else { continue };
        match traversal::target(&t) {
            Ok(found) => out.push((found, e.span)),
            Err(bad) => cx.error(bad.span, "Invalid address", bad.detail),
        }
    }
    out
}

fn module(b: &Block, cx: &mut Cx<'_>) -> Option<RunModule> {
    let found = content(&b.body, &MODULE, cx);
    let version = found.attr("version").and_then(|a| Some((string_arg(a, cx)?, a.expr.span)));
    let a = found.attr("source")?;
    let source = string_arg(a, cx)?;
    let parsed =
        if version.is_some() { ModuleSource::parse_registry(&source) } else { ModuleSource::parse(&source) };
    match parsed {
        Ok(ModuleSource::Remote { .. }) => cx.error(
            a.expr.span,
            "Invalid module source address",
            "A run takes its module from a directory (beginning with ./ or ../) or from a registry.",
        ),
        Ok(_) => {}
        Err(why) => cx.error(a.expr.span, "Invalid module source address", why),
    }
    Some(RunModule { source, source_span: a.expr.span, version, span: b.header })
}

/// The address of an override.
pub(super) fn target(a: &Attribute, json: bool, cx: &mut Cx<'_>) -> Option<(Target, Span)> {
    let expr = if json { unquoted(&a.expr, true, cx) } else { a.expr.clone() };
    let t = traversal::reference(&expr, cx)?;
    match traversal::target(&t) {
        Ok(found) => Some((found, a.expr.span)),
        Err(bad) => {
            cx.error(bad.span, "Invalid override target", bad.detail);
            None
        }
    }
}

/// The address of an instance as an override has it, for comparisons.
pub(super) fn same(a: &Target, b: &Target) -> bool {
    let whole = |t: &Target| match t {
        Target::Instance(ResourceInstance { module, resource, key: Key::None }) => {
            Target::Resource(groma_value::addr::AbsResource {
                module: module.clone(),
                resource: resource.clone(),
            })
        }
        t => t.clone(),
    };
    whole(a) == whole(b)
}
