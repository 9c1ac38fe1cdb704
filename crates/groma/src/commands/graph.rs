//! `groma graph`

use super::{Command, Outcome};
use crate::args::Args;
use crate::operation::{self, COMMON_FLAGS};
use crate::session::Session;
use groma_lang::Diagnostics;
use groma_state::State;

/// The command.
pub static COMMAND: Command = Command {
    name: "graph",
    usage: "[flags]",
    summary: "Print which resources depend on which, as Graphviz DOT",
    help: "Prints the resources of the configuration and their dependencies in the DOT language. To make a picture: groma graph | dot -Tsvg > graph.svg",
    flags: &[&[operation::SANDBOX], COMMON_FLAGS],
    run,
    main: false,
};

fn run(s: &Session, _: &Args) -> Outcome {
    let mut diags = Diagnostics::new();
    let config = s.loaded(&mut diags)?;
    let edges = groma_engine::resource_dependencies(&config, &State::default());
    let mut out =
        String::from("digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n");
    let mut module = None;
    for resource in edges.keys() {
        if module != Some(&resource.module) {
            if module.is_some_and(|m: &groma_value::addr::ModulePath| !m.is_root()) {
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
