//! `groma explain`

use super::{Command, Outcome};
use crate::args::{Args, Flag, switch};
use crate::session::Session;
use groma_platform::explain;

const FLAGS: &[Flag] = &[switch("no-color", "No colours.")];

/// The command.
pub static COMMAND: Command = Command {
    name: "explain",
    usage: "[flags] [BLOCK[.ARGUMENT]...]",
    summary: "Say what a block or argument of the manifest means",
    help: "Prints the reference of groma.hcl: of all blocks, of one (groma explain service), or of one argument (groma explain service.scale.cpu).",
    flags: &[FLAGS],
    run,
    main: false,
};

fn run(s: &Session, args: &Args) -> Outcome {
    if args.rest.is_empty() {
        s.ui.out(&explain::explain("")?);
    }
    for (i, path) in args.rest.iter().enumerate() {
        let text = explain::explain(path)?;
        if i > 0 {
            s.ui.out("\n");
        }
        s.ui.out(&text);
    }
    Ok(0)
}
