//! `groma reach`

use super::prove::SOURCE_FLAGS;
use super::{Command, Failure, Outcome};
use crate::args::{Args, Flag, switch, value};
use crate::operation::{COMMON_FLAGS, VARIABLE_FLAGS};
use crate::platform::EACH_FLAGS;
use crate::prove::ends::{End, Ends};
use crate::prove::prover::{Prover, traffic};
use crate::prove::verdict::Verdict;
use crate::prove::{self, picture, show, source};
use crate::session::Session;
use crate::state::LOCK_FLAGS;
use groma_lang::Diagnostic;
use groma_platform::flow::{Flow, Only};
use groma_prove::engine::Ask;
use groma_prove::model::{Network, NodeId};
use groma_prove::ports::{Family, Traffic};
use groma_prove::reach::{Bound, Question, Ways};
use groma_prove::witness::Witness;
use serde_json::json;

const FLAGS: &[Flag] = &[
    value("from", "END", "List everything that this end reaches."),
    value("to", "END", "List everything that reaches this end."),
    value("port", "PORT", "Only this: 443, 443/tcp, 8000-8080/tcp, icmp."),
    switch("delivered", "Ask whether a first packet arrives, not whether a connection completes."),
    switch("json", "Print the answer as a JSON document."),
    value("svg", "FILE", "Draw the way that was found."),
];

/// The command.
pub static COMMAND: Command = Command {
    name: "reach",
    usage: "[flags] [FROM TO] [PLAN|DIR|ENVIRONMENT]",
    summary: "Explain whether one thing reaches another, before anything is created",
    help: "Shows the way from one end to another, hop by hop, with the file and line that decide, and the way of the answer; or every setting that is in the way. With -from=END or -to=END it lists all that an end reaches, or all that reach it. An end is internet, vpn, *, a range (10.0.0.0/8), a resource or module address, a pattern of one (aws_instance.*), a security group, subnet or VPC for all that is in it, tag:NAME=VALUE, or in a manifest an environment or component (prod.service.web). The exit code is 0 if it is reached, 2 if not, 3 if that depends on what is unknown, and 1 after an error; 0 for lists.",
    flags: &[FLAGS, SOURCE_FLAGS, EACH_FLAGS, VARIABLE_FLAGS, LOCK_FLAGS, COMMON_FLAGS],
    run,
    main: true,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let list = args.given("from") || args.given("to");
    let (pair, what) = match (&args.rest[..], list) {
        ([], true) => (None, None),
        ([what], true) => (None, Some(what.as_str())),
        ([a, b], false) => (Some((a.as_str(), b.as_str())), None),
        ([a, b, what], false) => (Some((a.as_str(), b.as_str())), Some(what.as_str())),
        _ => {
            return Err("groma reach takes two ends, as in groma reach internet aws_lb.web, or -from=END or -to=END, and then a plan, directory or environment if it is not the working directory.".to_owned().into());
        }
    };
    let only = match args.get("port") {
        None => None,
        Some(p) => {
            Flow::parse(&format!("a -> b:{p}"))
                .map_err(|_| {
                    format!("-port={p} is no port. It is written 443, 443/tcp, 8000-8080/tcp or icmp.")
                })?
                .only
        }
    };
    let svg = args.get("svg").map(|f| s.original_dir.join(f));
    let source = source::open(s, args, what)?;
    let network = prove::network(&source.staged);
    let ends = Ends::new(&network, &source.staged);
    let prover = Prover::new(&network, &ends);
    let find = |text: &str| -> Result<End, Failure> {
        ends.existing(text).map_err(|e| s.fail(Diagnostic::error("Unknown end", e)))
    };
    let question = if args.on("delivered", false) { Question::Delivered } else { Question::Completes };
    let about = Reach { s, prover: &prover, network: &network, only, question, json: args.on("json", false) };
    match pair {
        Some((a, b)) => {
            let (code, witness) = about.pair(&find(a)?, &find(b)?);
            match (svg, witness) {
                (Some(path), Some(w)) => {
                    let text = picture::svg(&network, &format!("{a} → {b}"), &w);
                    std::fs::write(&path, text)
                        .map_err(|e| format!("{} cannot be written: {e}", path.display()))?;
                }
                (Some(_), None) => s.ui.err("Nothing was drawn: there is no way.\n"),
                _ => {}
            }
            Ok(code)
        }
        None => {
            let all = End {
                text: "*".into(),
                nodes: (0..network.nodes.len() as u32).map(NodeId).collect(),
                part: false,
            };
            let from = args.get("from").map(find).transpose()?;
            let to = args.get("to").map(find).transpose()?;
            about.list(from.as_ref().unwrap_or(&all), to.as_ref().unwrap_or(&all));
            Ok(0)
        }
    }
}

struct Reach<'a> {
    s: &'a Session,
    prover: &'a Prover<'a>,
    network: &'a Network,
    only: Option<Only>,
    question: Question,
    json: bool,
}

impl Reach<'_> {
    /// What travels between two nodes: surely, and perhaps.
    fn travels(&self, a: NodeId, b: NodeId, family: Family) -> (Traffic, Traffic) {
        let within = traffic(self.only.as_ref(), family);
        let get = |bound| self.prover.travels(a, b, family, self.question, bound, Ways::ALL).and(&within);
        (get(Bound::Must), get(Bound::May))
    }

    /// One pair of ends: of all their nodes the one that goes best.
    fn pair(&self, from: &End, to: &End) -> (u8, Option<Witness>) {
        let mut best: Option<(u8, NodeId, NodeId, Family, Bound, Traffic)> = None;
        for &a in &from.nodes {
            for &b in to.nodes.iter().filter(|b| **b != a || from.nodes.len() == 1) {
                for family in Family::BOTH {
                    let (must, may) = self.travels(a, b, family);
                    let (rank, bound, what) = match (must.is_empty(), may.is_empty()) {
                        (false, _) => (0, Bound::May, must),
                        (true, false) => (3, Bound::May, may),
                        (true, true) => continue,
                    };
                    if best.as_ref().is_none_or(|b| rank < b.0) {
                        best = Some((rank, a, b, family, bound, what));
                    }
                }
            }
        }
        match best {
            Some((code, a, b, family, bound, what)) => {
                let ask = Ask {
                    from: a,
                    to: b,
                    family,
                    question: self.question,
                    bound,
                    ways: Ways::ALL,
                    within: Some(what.clone()),
                };
                let witness = self.prover.engine.witness(&ask);
                self.tell(code, (a, b), family, &what, witness.as_ref());
                (code, witness)
            }
            None => {
                self.refused(from, to);
                (2, None)
            }
        }
    }

    fn tell(&self, code: u8, (a, b): (NodeId, NodeId), family: Family, what: &Traffic, w: Option<&Witness>) {
        let (from, to) = (self.prover.ends.name(a), self.prover.ends.name(b));
        let ip = if family == Family::V4 { "IPv4" } else { "IPv6" };
        let verdict = if code == 0 { Verdict::Proved } else { Verdict::NotProved };
        let doubts = &self.prover.doubts(w, verdict, (a, b))[..];
        if self.json {
            let doc = json!({
                "format_version": "1.0",
                "from": from, "to": to, "family": ip, "traffic": what.to_string(),
                "answer": if code == 0 { "reached" } else { "unknown" },
                "path": w.map(|w| show::witness_json(self.network, w)),
                "unknown": doubts.iter().map(|d| json!({ "item": &*self.network.items[d.item.index()].name, "why": &*d.why })).collect::<Vec<_>>(),
            });
            self.s.ui.line(&groma_engine::json::to_text(&doc));
            return;
        }
        let paint = self.s.paint();
        let word =
            if code == 0 { paint.code("1;32", "reached") } else { paint.code("1;33", "perhaps reached") };
        let mut out = format!("{word}: {from} -> {to}: {what} over {ip}\n");
        if let Some(w) = w {
            out.push_str(&format!("\n{}", show::witness(self.network, w, "")));
        }
        if !doubts.is_empty() {
            out.push_str("\nThis depends on:\n");
            out.push_str(&show::doubts(self.network, doubts, "  "));
        }
        self.s.ui.out(&out);
    }

    fn refused(&self, from: &End, to: &End) {
        let mut out = String::new();
        let mut docs = Vec::new();
        let paint = self.s.paint();
        out.push_str(&format!("{}: {} -> {}\n", paint.code("1;31", "not reached"), from.text, to.text));
        let mut shown = 0;
        for &a in &from.nodes {
            for &b in to.nodes.iter().filter(|b| **b != a) {
                let (protocol, port) = self.prover.try_packet(b, self.only.as_ref());
                for family in Family::BOTH {
                    let Some(blocked) = self.prover.engine.blocked(a, b, family, protocol, port) else {
                        continue;
                    };
                    docs.push(show::blocked_json(self.network, &blocked));
                    shown += 1;
                    if shown <= 4 {
                        let (from, to) = (self.prover.ends.name(a), self.prover.ends.name(b));
                        out.push_str(&format!("\n{from} -> {to} is stopped by:\n"));
                        out.push_str(&show::blocked(self.network, &blocked, "  "));
                    }
                }
            }
        }
        if shown > 4 {
            out.push_str(&format!("\nand {} more pairs\n", shown - 4));
        }
        if shown == 0 {
            let without: Vec<&str> =
                [from, to].iter().filter(|e| e.nodes.is_empty()).map(|e| e.text.as_str()).collect();
            out.push_str(&match &without[..] {
                [] => "\nOne of them has no address, so there is no packet that could be tried.\n".to_owned(),
                [one] => {
                    format!("\n{one} has no network interface, so there is no packet that could be tried.\n")
                }
                _ => format!(
                    "\n{} have no network interface, so there is no packet that could be tried.\n",
                    without.join(" and ")
                ),
            });
        }
        if self.json {
            let doc = json!({ "format_version": "1.0", "from": from.text, "to": to.text, "answer": "not reached", "blocked": docs });
            self.s.ui.line(&groma_engine::json::to_text(&doc));
        } else {
            self.s.ui.out(&out);
        }
    }

    /// All pairs.
    fn list(&self, from: &End, to: &End) {
        let mut lines: Vec<(String, String, &str, String, String)> = Vec::new();
        for (a, b, _) in self.prover.pairs(Ways::ALL).nodes() {
            if !from.nodes.contains(&a) || !to.nodes.contains(&b) {
                continue;
            }
            for family in Family::BOTH {
                let (must, may) = self.travels(a, b, family);
                if may.is_empty() {
                    continue;
                }
                let rest = may.minus(&must);
                let ip = if family == Family::V4 { "IPv4" } else { "IPv6" };
                let text = |t: &Traffic| if t.is_empty() { String::new() } else { t.to_string() };
                lines.push((
                    self.prover.ends.name(a),
                    self.prover.ends.name(b),
                    ip,
                    text(&must),
                    text(&rest),
                ));
            }
        }
        lines.sort();
        if self.json {
            let rows: Vec<_> = lines
                .iter()
                .map(|(a, b, ip, must, may)| json!({ "from": a, "to": b, "family": ip, "surely": must, "perhaps": may }))
                .collect();
            let doc = json!({ "format_version": "1.0", "reached": rows });
            self.s.ui.line(&groma_engine::json::to_text(&doc));
            return;
        }
        let mut out = String::new();
        for (a, b, ip, must, may) in &lines {
            out.push_str(&format!("{a} -> {b}  ({ip})\n"));
            if !must.is_empty() {
                out.push_str(&format!("    {must}\n"));
            }
            if !may.is_empty() {
                out.push_str(&format!("    perhaps: {may}\n"));
            }
        }
        if lines.is_empty() {
            out.push_str("Nothing.\n");
        }
        self.s.ui.out(&out);
    }
}
