//! `groma prove`

use super::{Command, Failure, Outcome};
use crate::args::{Args, Flag, switch, value};
use crate::operation::{COMMON_FLAGS, VARIABLE_FLAGS};
use crate::platform::EACH_FLAGS;
use crate::prove::properties::{About, prove};
use crate::prove::verdict::{Finding, Verdict};
use crate::prove::{self, picture, show, source};
use crate::session::Session;
use crate::state::LOCK_FLAGS;
use groma_lang::Diagnostic;
use groma_prove::model::Network;

/// The flags that `prove` and `reach` share.
pub const SOURCE_FLAGS: &[Flag] = &[
    value("state", "FILE", "Prove about what a state has: a state file, or what show -json prints of it."),
    crate::operation::SANDBOX,
];

const FLAGS: &[Flag] = &[
    switch("json", "Print the verdicts as a JSON document."),
    value("svg", "FILE", "Draw the way of the first counterexample."),
    switch(
        "world",
        "Print the objects that it is about, as JSON, with what was made up of them, and prove nothing.",
    ),
];

/// The command.
pub static COMMAND: Command = Command {
    name: "prove",
    usage: "[flags] [PLAN|DIR|ENVIRONMENT]",
    summary: "Prove who can reach whom, before anything is created",
    help: "Works out the network that a plan leads to, and proves what prove blocks say of it: those of a manifest, or of *.prove.hcl files beside a Terraform configuration. It takes a directory (which is planned; the working directory if nothing is named), a saved plan, the JSON of a plan or state (show -json, of Groma or Terraform), or an environment of the manifest, with all that its proofs name. What is unknown counts as open.\n\nEach property is proved, refuted with a counterexample, or not proved with what is unknown. The exit code is 0 if all are proved, 2 if one is refuted, 3 if none is refuted but one is not proved, and 1 after an error.",
    flags: &[FLAGS, SOURCE_FLAGS, EACH_FLAGS, VARIABLE_FLAGS, LOCK_FLAGS, COMMON_FLAGS],
    run,
    main: true,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let what = match &args.rest[..] {
        [] => None,
        [what] => Some(what.as_str()),
        _ => {
            return Err("groma prove takes one plan, directory or environment. Flags go before it."
                .to_owned()
                .into());
        }
    };
    let svg = args.get("svg").map(|f| s.original_dir.join(f));
    let source = source::open(s, args, what)?;
    if args.on("world", false) {
        s.ui.line(&groma_engine::json::to_text(&prove::world::to_json(&source.staged)));
        return Ok(0);
    }
    let network = prove::network(&source.staged);
    if source.blocks.is_empty() {
        return Err(s.fail(Diagnostic::error(
            "Nothing to prove",
            "There is no prove block. In a manifest it stands in groma.hcl; beside a Terraform configuration, write a file such as network.prove.hcl:\n\n  prove \"isolation\" {\n    never = [\"internet -> aws_db_instance.main\"]\n  }\n\nTo see who reaches whom without one: groma reach -from=internet",
        )));
    }
    let findings = proved(s, &network, &source)?;
    if args.on("json", false) {
        let doc = show::json(&network, &findings, &source.staged.notes, &s.sources);
        s.ui.line(&groma_engine::json::to_text(&doc));
    } else {
        s.ui.out(&show::text(&network, &findings, &s.sources, s.paint()));
        s.ui.out(&left_open(&network, &findings));
    }
    if let Some(path) = svg {
        let case = findings
            .iter()
            .flat_map(|f| f.cases.iter().map(move |c| (f, c)))
            .find(|(_, c)| c.witness.is_some());
        match case {
            Some((f, c)) => {
                let network = c.network.as_deref().unwrap_or(&network);
                let w = c.witness.as_ref().map(|w| picture::svg(network, &f.property, w)).unwrap_or_default();
                std::fs::write(&path, w).map_err(|e| format!("{} cannot be written: {e}", path.display()))?;
            }
            None => s.ui.err("Nothing was drawn: no property has a way as its counterexample.\n"),
        }
    }
    Ok(code(&findings))
}

/// The verdicts on all properties of a source.
pub fn proved(s: &Session, network: &Network, source: &source::Source) -> Result<Vec<Finding>, Failure> {
    let about = About { staged: &source.staged, network, declared: &source.staged.declared };
    let mut found = prove(&about, &source.blocks).map_err(|(why, span)| {
        let d = Diagnostic::error("Unknown end in a proof", why);
        s.fail(match span {
            Some(span) => d.at(span),
            None => d,
        })
    })?;
    // Whatever is not planned yet may open or close anything.
    if let Some(first) = source.staged.deferred.first() {
        let more = source.staged.deferred.len() - 1;
        let others = if more == 0 { String::new() } else { format!(" and {more} more") };
        for f in found.iter_mut().filter(|f| f.verdict == Verdict::Proved) {
            f.verdict = Verdict::NotProved;
            f.note = format!("the plan defers {first}{others}");
        }
    }
    Ok(found)
}

/// The exit code that says it all.
pub fn code(findings: &[Finding]) -> u8 {
    match findings.iter().map(|f| f.verdict).max() {
        Some(Verdict::Refuted) => 2,
        Some(Verdict::NotProved) => 3,
        _ => 0,
    }
}

/// What is not understood, if anything depends on it.
pub fn left_open(network: &Network, findings: &[Finding]) -> String {
    if network.unsupported.is_empty() || findings.iter().all(|f| f.verdict == Verdict::Proved) {
        return String::new();
    }
    let mut out = String::from("\nNot understood, and so taken as open:\n");
    for u in &network.unsupported {
        let item = &network.items[u.item.index()];
        let place = item.place.as_ref().map(|p| format!("  ({}:{})", p.file, p.line)).unwrap_or_default();
        out.push_str(&format!("  - {}: {}{place}\n", item.name, u.why));
    }
    out
}
