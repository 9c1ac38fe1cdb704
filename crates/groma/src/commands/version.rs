//! `groma version`

use super::{Command, Outcome};
use crate::args::{Args, switch};
use crate::session::Session;

/// The command.
pub static COMMAND: Command = Command {
    name: "version",
    usage: "[flags]",
    summary: "Show the version of Groma and of the providers in use",
    help: "Shows the version of Groma, the version of the Terraform language that it is compatible with, and the providers that the working directory has selected.",
    flags: &[&[switch("json", "Print a JSON document.")]],
    run,
    main: false,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let platform = groma_provider::install::Platform::current();
    let locks = s.locks().unwrap_or_default();
    if args.on("json", false) {
        let providers: serde_json::Map<String, serde_json::Value> =
            locks.iter().map(|(p, v)| (p.to_string(), v.to_string().into())).collect();
        let doc = serde_json::json!({
            "groma_version": env!("CARGO_PKG_VERSION"),
            "terraform_version": groma_state::TERRAFORM_VERSION,
            "platform": platform.to_string(),
            "provider_selections": providers,
            "terraform_outdated": false,
        });
        s.ui.line(&serde_json::to_string_pretty(&doc).unwrap_or_default());
        return Ok(0);
    }
    s.ui.line(&format!("Groma v{}", env!("CARGO_PKG_VERSION")));
    s.ui.line(&format!("compatible with Terraform v{}", groma_state::TERRAFORM_VERSION));
    s.ui.line(&format!("on {platform}"));
    for (p, v) in locks {
        s.ui.line(&format!("+ provider {p} v{v}"));
    }
    Ok(0)
}
