//! Mercurial repositories, by the program `hg`.

use crate::address::Address;
use std::path::Path;
use std::process::{Command, Stdio};

/// Clones a repository into `target`. The argument `rev` of the address (a tag, branch, bookmark
/// or changeset) says what of it. The error is a sentence.
pub(crate) fn fetch(address: &Address, target: &Path) -> Result<(), String> {
    let mut address = address.clone();
    let (url, revision) = address.repository("rev")?;
    run(Command::new("hg").args(["clone", "--quiet", "--noupdate", "--", &url]).arg(target), "clone")?;
    let mut update = Command::new("hg");
    update.current_dir(target).args(["update", "--quiet"]);
    if let Some(revision) = &revision {
        update.args(["--rev", revision]);
    }
    run(&mut update, "update")
}

/// Runs `hg`, which asks nobody anything. The error is a sentence with what it said.
fn run(command: &mut Command, action: &str) -> Result<(), String> {
    // HGPLAIN: no aliases and no translated messages of the user's settings.
    let output = command.env("HGPLAIN", "1").stdin(Stdio::null()).output().map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => {
            "The program hg (Mercurial) is needed for this and is not on the PATH.".to_owned()
        }
        _ => format!("The program hg cannot be run: {e}."),
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(format!("hg {action} failed:\n{said}\n"))
}
