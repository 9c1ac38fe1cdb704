//! Which runs of a file wait for which.
//!
//! A run with `parallel = true` runs beside others of that kind, unless it refers to one
//! of them or works on the same state; a run without it waits for all above it, and all
//! below wait for it. Source: Terraform's documentation of `run` blocks, 1.12.

use groma_config::testfile::{Run, TestFile, TestProvider};
use groma_lang::ast::{Body, Traversal, TraversalStep};
use std::collections::BTreeSet;

/// For each run, those above it that must have ended before it begins.
pub fn waits(file: &TestFile) -> Vec<Vec<usize>> {
    let mut of_providers = BTreeSet::new();
    for p in file.providers.values() {
        if let TestProvider::Real(block) = p {
            body(&block.body, &mut of_providers);
        }
    }
    let mut out: Vec<Vec<usize>> = Vec::new();
    for (i, run) in file.runs.iter().enumerate() {
        let names = if run.module.is_none() { of_providers.clone() } else { Default::default() };
        let names = references(run, names);
        let above = &file.runs[..i];
        let waits = above.iter().enumerate().filter(|(_, other)| {
            !run.parallel
                || !other.parallel
                || state_key(run) == state_key(other)
                || names.contains(&*other.name.name)
        });
        out.push(waits.map(|(j, _)| j).collect());
    }
    out
}

/// Which state a run works on.
pub fn state_key(run: &Run) -> &str {
    match (&run.state_key, &run.module) {
        (Some(k), _) => k,
        (None, Some(m)) => &m.source,
        (None, None) => "",
    }
}

fn references(run: &Run, mut names: BTreeSet<String>) -> BTreeSet<String> {
    let asserts = run.asserts.iter().flat_map(|rule| [&rule.condition, &rule.error_message]);
    for expr in asserts.chain(run.variables.iter().map(|v| &v.expr)) {
        expr.references().iter().for_each(|t| name(t, &mut names));
    }
    names
}

fn body(b: &Body, names: &mut BTreeSet<String>) {
    for attribute in &b.attributes {
        attribute.expr.references().iter().for_each(|t| name(t, names));
    }
    b.blocks.iter().for_each(|block| body(&block.body, names));
}

/// The run that a reference is to.
fn name(t: &Traversal, names: &mut BTreeSet<String>) {
    if &*t.root.name == "run"
        && let Some(TraversalStep::Attr(a)) = t.steps.first()
    {
        names.insert(a.name.to_string());
    }
}
