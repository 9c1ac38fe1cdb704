//! `groma graph`

use super::{Command, Outcome};
use crate::args::{Args, Flag, switch, value};
use crate::operation::{self, COMMON_FLAGS};
use crate::saved;
use crate::session::Session;
use groma_engine::{PlanMode, Vertex, VertexKind, destroy_graph, operation_graph};
use groma_lang::Diagnostics;
use groma_state::State;
use groma_value::addr::ModulePath;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const FLAGS: &[Flag] = &[
    value(
        "type",
        "TYPE",
        "All steps of an operation, with values and providers, not only resources: plan, plan-refresh-only, plan-destroy or apply.",
    ),
    value("plan", "FILE", "All steps of applying this saved plan."),
    switch(
        "draw-cycles",
        "Accepted for the sake of scripts: a cycle is an error that names all that is in it.",
    ),
    value("module-depth", "N", "Accepted for the sake of scripts, without effect, as in Terraform."),
];

/// The command.
pub static COMMAND: Command = Command {
    name: "graph",
    usage: "[flags]",
    summary: "Print which resources depend on which, as Graphviz DOT",
    help: "Prints the resources of the configuration and their dependencies in the DOT language. To make a picture: groma graph | dot -Tsvg > graph.svg",
    flags: &[FLAGS, &[operation::SANDBOX], COMMON_FLAGS],
    run,
    main: false,
};

const TYPES: [&str; 4] = ["plan", "plan-refresh-only", "plan-destroy", "apply"];

fn run(s: &Session, args: &Args) -> Outcome {
    if !args.rest.is_empty() {
        return Err("graph takes no arguments besides flags; -chdir=DIR chooses the directory."
            .to_owned()
            .into());
    }
    if let Some(plan) = args.get("plan") {
        let (context, plan) = saved::opened(s, Path::new(plan))?;
        let destroying = plan.mode == PlanMode::Destroy;
        let steps = operation_graph(&context.config, &plan.prior, &plan.changes, destroying);
        s.ui.out(&operation(steps));
        return Ok(0);
    }
    let mut diags = Diagnostics::new();
    if let Some(kind) = args.get("type") {
        if !TYPES.contains(&kind) {
            return Err(format!("-type={kind}: there are the types {}.", TYPES.join(", ")).into());
        }
        let config = s.loaded(&mut diags)?;
        let state = s.read_state(args)?;
        let steps = match kind {
            "plan-destroy" => destroy_graph(&state),
            _ => operation_graph(&config, &state, &[], false),
        };
        s.ui.out(&operation(steps));
        return Ok(0);
    }
    let config = s.loaded(&mut diags)?;
    let edges = groma_engine::resource_dependencies(&config, &State::default());
    let mut out =
        String::from("digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n");
    let mut module = None;
    for resource in edges.keys() {
        if module != Some(&resource.module) {
            if module.is_some_and(|m: &ModulePath| !m.is_root()) {
                out.push_str("  }\n");
            }
            if !resource.module.is_root() {
                out.push_str(&format!(
                    "  subgraph \"cluster_{0}\" {{\n    label = \"{0}\"\n    fontname = \"sans-serif\"\n",
                    resource.module
                ));
            }
            module = Some(&resource.module);
        }
        let pad = if resource.module.is_root() { "  " } else { "    " };
        out.push_str(&format!("{pad}\"{resource}\" [label=\"{}\"];\n", resource.resource));
    }
    if module.is_some_and(|m| !m.is_root()) {
        out.push_str("  }\n");
    }
    for (resource, deps) in &edges {
        for d in deps {
            out.push_str(&format!("  \"{resource}\" -> \"{d}\";\n"));
        }
    }
    out.push_str("}\n");
    s.ui.out(&out);
    Ok(0)
}

/// An operation's steps in the form that Terraform prints, which other programs read: with the
/// closing of providers and modules, and a root that waits for everything.
fn operation(mut steps: Vec<Vertex>) -> String {
    close(&mut steps);
    reduce(&mut steps);
    let quoted = |name: &str| format!("\"[root] {}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
    let mut vertices: Vec<String> = Vec::new();
    let mut edges: Vec<String> = Vec::new();
    for v in &steps {
        let (label, shape) = match &v.kind {
            VertexKind::Resource(r) => (r.to_string(), "box"),
            VertexKind::Provider => (v.name.clone(), "diamond"),
            VertexKind::Variable => (v.name.clone(), "note"),
            VertexKind::Other(_) => (String::new(), ""),
        };
        if !shape.is_empty() {
            let label = label.replace('"', "\\\"");
            vertices.push(format!("{} [label = \"{label}\", shape = \"{shape}\"]", quoted(&v.name)));
        }
        for &d in &v.waits_for {
            edges.push(format!("{} -> {}", quoted(&v.name), quoted(&steps[d].name)));
        }
    }
    vertices.sort();
    edges.sort();
    let mut out =
        String::from("digraph {\n\tcompound = \"true\"\n\tnewrank = \"true\"\n\tsubgraph \"root\" {\n");
    for line in vertices.into_iter().chain(edges) {
        out.push_str(&format!("\t\t{line}\n"));
    }
    out.push_str("\t}\n}\n");
    out
}

/// Adds the ends: of each provider after all that it does, of each module after all in it, and
/// of the whole.
fn close(steps: &mut Vec<Vertex>) {
    let mut ends: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    // Nothing is done to modules where all is destroyed.
    let modules: BTreeSet<ModulePath> = steps
        .iter()
        .filter_map(|v| match &v.kind {
            VertexKind::Other(m) => Some(m.clone()),
            _ => None,
        })
        .collect();
    for (i, v) in steps.iter().enumerate() {
        let module = match &v.kind {
            VertexKind::Resource(r) => &r.module,
            VertexKind::Other(m) => m,
            VertexKind::Provider | VertexKind::Variable => continue,
        };
        if let VertexKind::Resource(_) = v.kind {
            for &p in v.waits_for.iter().filter(|&&d| steps[d].kind == VertexKind::Provider) {
                ends.entry(steps[p].name.clone()).or_insert_with(|| vec![p]).push(i);
            }
        }
        for n in 1..=module.names().len() {
            let outer: ModulePath = module.names()[..n].iter().cloned().collect();
            if modules.contains(&outer) {
                ends.entry(outer.to_string()).or_default().push(i);
            }
        }
    }
    for (name, waits_for) in ends {
        let kind = VertexKind::Other(ModulePath::root());
        steps.push(Vertex { name: format!("{name} (close)"), kind, waits_for });
    }
    let all = (0..steps.len()).collect();
    steps.push(Vertex { name: "root".into(), kind: VertexKind::Other(ModulePath::root()), waits_for: all });
}

/// Leaves out what other edges imply. There must be no cycle.
fn reduce(steps: &mut [Vertex]) {
    let mut reached = vec![usize::MAX; steps.len()];
    for v in 0..steps.len() {
        let mut stack: Vec<usize> =
            steps[v].waits_for.iter().flat_map(|&d| steps[d].waits_for.iter().copied()).collect();
        while let Some(d) = stack.pop() {
            if std::mem::replace(&mut reached[d], v) != v {
                stack.extend(&steps[d].waits_for);
            }
        }
        steps[v].waits_for.retain(|&d| reached[d] != v);
    }
}
