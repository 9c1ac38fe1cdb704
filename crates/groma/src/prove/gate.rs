//! Proofs before anything is applied.

use super::source::{self, Source};
use super::verdict::{Finding, Verdict};
use super::{files, network, show};
use crate::args::{Flag, switch};
use crate::commands::Failure;
use crate::commands::prove::{left_open, proved};
use crate::operation::Ready;
use crate::platform::{Project, roots};
use crate::session::Session;
use groma_engine::json::stream::Message;
use groma_engine::{Plan, PlanMode};
use groma_lang::{Diagnostic, Diagnostics};
use groma_platform::compile::Root;
use groma_platform::flow::Flow;
use groma_platform::model::Environment;
use groma_platform::record::Record;
use serde_json::{Value as Json, json};
use std::path::Path;

/// The flag of `plan` and `apply`.
pub const PROVE: Flag = switch(
    "prove",
    "Prove what the *.prove.hcl files beside the configuration say, and fail if anything of it is refuted or cannot be proved.",
);
/// The flag of `up` and the like.
pub const UNPROVED: Flag = switch(
    "prove",
    "Prove what the prove blocks say before anything is applied (on unless -prove=false): what is refuted stops the run.",
);

/// Proves a plan of the working directory. With `strict`, what cannot be proved fails too.
pub fn plan(s: &Session, ready: &Ready, plan: &Plan) -> Result<(), Failure> {
    let mut diags = Diagnostics::new();
    let blocks = files::read(Path::new(""), Path::new(""), &s.sources, &mut diags);
    s.check(&diags)?;
    if blocks.is_empty() {
        return Err(s.fail(Diagnostic::error(
            "Nothing to prove",
            "-prove was given, but there is no file *.prove.hcl beside the configuration. See groma prove -help.",
        )));
    }
    let mut builder = super::world::Builder::new(source::speaker(s)?, [plan]);
    builder.add("", &ready.context, plan, &s.sources, Path::new(""));
    let source = Source { staged: builder.finish(), blocks };
    judge(s, &source, true)
}

/// What came out, as a message of `-json`: each property with its verdict.
fn told(findings: &[Finding], absent: &[Finding]) -> Message {
    let one =
        |f: &Finding, verdict: &str| json!({ "block": f.block, "property": f.property, "verdict": verdict });
    let all = findings.iter().map(|f| one(f, f.verdict.word()));
    let all: Vec<Json> = all.chain(absent.iter().map(|f| one(f, "not asked"))).collect();
    let n = findings.iter().filter(|f| f.verdict == Verdict::Proved).count();
    let text = format!("Proved: {n} of {} properties", findings.len());
    Message::new("info", "proofs", text).with("properties", all)
}

fn judge(s: &Session, source: &Source, strict: bool) -> Result<(), Failure> {
    let net = network(&source.staged);
    let findings = proved(s, &net, source)?;
    // What is parked, or in an environment that is not up, reaches nothing: that is no reason
    // to stop what is done to another, nor to park.
    let (absent, findings): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|f| !strict && f.absent && f.verdict == Verdict::Refuted);
    let of = |v: Verdict| findings.iter().filter(|f| f.verdict == v).cloned().collect::<Vec<Finding>>();
    let (refuted, open) = (of(Verdict::Refuted), of(Verdict::NotProved));
    s.ui.message(&told(&findings, &absent));
    if refuted.is_empty() && open.is_empty() {
        let n = findings.len();
        s.ui.line(&format!("\nProved: {n} {}.", if n == 1 { "property" } else { "properties" }));
        for f in &absent {
            s.ui.line(&format!("Not asked: {} ({}).", f.property, f.note));
        }
        return Ok(());
    }
    s.ui.out(&format!("\n{}", show::text(&net, &findings, &s.sources, s.paint())));
    s.ui.out(&left_open(&net, &findings));
    let names = |list: &[Finding]| {
        list.iter()
            .map(|f| format!("  - {} (prove {:?})", f.property, f.block))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let stops = if strict { [&refuted[..], &open[..]].concat() } else { refuted };
    if stops.is_empty() {
        s.ui.diags(
            &Diagnostic::warning(
                "Not proved",
                format!(
                    "These properties could neither be proved nor refuted, because something is unknown:\n{}",
                    names(&open)
                ),
            )
            .into(),
            &s.sources,
        );
        return Ok(());
    }
    let why = format!(
        "These properties do not hold, or cannot be proved:\n{}\n\nNothing was applied.",
        names(&stops)
    );
    let mut d = Diagnostic::error("Proof failed", why);
    if let Some(span) = stops[0].span {
        d = d.at(span);
    }
    Err(s.fail(d))
}

/// Proves an environment's plans, together with the environments that are up and that
/// properties name.
pub fn environment(
    p: &Project<'_>,
    env: &Environment,
    draft: &Record,
    planned: &[roots::Planned],
) -> Result<(), Failure> {
    if p.manifest.proves.is_empty() || !p.args.on("prove", true) {
        return Ok(());
    }
    let mut envs = vec![env.clone()];
    let flows = p.manifest.proves.iter().flat_map(|b| b.connections());
    let ends: Vec<String> = flows
        .filter_map(|(t, _)| Flow::parse(t).ok())
        .flat_map(|f| [f.from, f.to])
        .filter_map(|e| e.split('.').next().map(str::to_owned))
        .collect();
    // Who connects to whom is declared on one side.
    let exactly = p.manifest.proves.iter().any(|b| b.exactly);
    for (slug, live) in draft.environments.iter().filter(|(s, _)| **s != env.slug) {
        let other = || p.manifest.environment(&live.name, live.label.as_deref()).map_err(|d| p.s.fail(d));
        let joined = live.complete
            && exactly
            && (source::connects_to(env).contains(&live.name)
                || source::connects_to(&other()?).contains(&env.name));
        if live.complete && ends.contains(&live.name) || joined {
            let other = other()?;
            debug_assert_eq!(*slug, other.slug);
            envs.push(other);
        }
    }
    let mut rest: Vec<(Root, PlanMode)> = Vec::new();
    for e in &envs[1..] {
        for root in p.compile(e, draft)? {
            let known = planned.iter().any(|a| a.root.name == root.name)
                || rest.iter().any(|(r, _)| r.name == root.name);
            if !known {
                rest.push((root, PlanMode::Normal));
            }
        }
    }
    let others = roots::plan_all(p, rest, None, None)?;
    let all: Vec<&roots::Planned> = planned.iter().chain(&others).collect();
    let source = source::of_planned(p, &all, &envs, draft);
    let judged = source.and_then(|source| judge(p.s, &source, false));
    // From here on only what this run plans counts as planned.
    for o in &others {
        roots::settle(p.s, &o.root.name);
    }
    roots::close_all(p, others)?;
    judged
}
