//! Git repositories, by the program `git`.

use crate::address::Address;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Clones a repository into `target`. The arguments `ref` (a branch, tag or commit), `depth` and
/// `sshkey` of the address say what and how. Without `depth` only the commit that is wanted is
/// fetched where the server allows it, otherwise everything. The error is a sentence.
pub(crate) fn fetch(address: &Address, prompt: bool, target: &Path) -> Result<(), String> {
    let mut address = address.clone();
    let depth = address.take("depth").and_then(|d| d.parse::<u32>().ok()).filter(|d| *d > 0);
    let key = address.take("sshkey").filter(|k| !k.is_empty());
    let (url, reference) = address.repository("ref")?;
    let key = key.map(|k| key_file(&k)).transpose()?;
    let git = Git { prompt, key: key.as_ref().map(|f| f.path()), target };
    match depth {
        Some(depth) => {
            let depth = depth.to_string();
            let mut args = vec!["clone", "--quiet", "--depth", &depth];
            args.extend(reference.iter().flat_map(|r| ["--branch", r]));
            args.extend(["--", &url]);
            git.run(&args, true).map_err(|why| match reference {
                Some(_) => format!(
                    "{why} With \"depth\", the argument \"ref\" must name a branch or a tag, not a commit."
                ),
                None => why,
            })?;
        }
        None => {
            let wanted = reference.as_deref().unwrap_or("HEAD");
            if git.shallow(&url, wanted).is_err() {
                let _ = std::fs::remove_dir_all(target);
                git.run(&["clone", "--quiet", "--", &url], true)?;
                if let Some(r) = &reference {
                    git.run(&["checkout", "--quiet", r, "--"], false)?;
                }
            }
        }
    }
    if target.join(".gitmodules").exists() {
        git.run(&["submodule", "--quiet", "update", "--init", "--recursive"], false)?;
    }
    Ok(())
}

struct Git<'a> {
    prompt: bool,
    key: Option<&'a Path>,
    target: &'a Path,
}

impl Git<'_> {
    /// Fetches one commit.
    fn shallow(&self, url: &str, wanted: &str) -> Result<(), String> {
        self.run(&["init", "--quiet", "--"], true)?;
        self.run(&["remote", "add", "origin", url], false)?;
        self.run(&["fetch", "--quiet", "--depth", "1", "origin", wanted], false)?;
        self.run(&["checkout", "--quiet", "FETCH_HEAD", "--"], false)
    }

    /// Runs `git` in the repository, or with the repository's directory as the last argument. The
    /// error is a sentence with what it said.
    fn run(&self, args: &[&str], outside: bool) -> Result<(), String> {
        let mut command = Command::new("git");
        // Those of a repository around the configuration (a hook, say) are not of this one.
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"] {
            command.env_remove(name);
        }
        command.args(["-c", "advice.detachedHead=false", "-c", "init.defaultBranch=main"]).args(args);
        if outside {
            command.arg(self.target);
        } else {
            command.current_dir(self.target);
        }
        if !self.prompt {
            command.env("GIT_TERMINAL_PROMPT", "0");
        }
        if let Some(key) = self.key {
            let ssh =
                format!("ssh -i {} -o IdentitiesOnly=yes -o StrictHostKeyChecking=accept-new", key.display());
            command.env("GIT_SSH_COMMAND", ssh);
        }
        let output = command.stdin(Stdio::null()).output().map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => {
                "The program git is needed for this and is not on the PATH.".to_owned()
            }
            _ => format!("The program git cannot be run: {e}."),
        })?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(format!("git {} failed:\n{said}\n", args.first().unwrap_or(&"")))
    }
}

/// A private key, given in base64, as a file that only this user can read.
fn key_file(text: &str) -> Result<tempfile::NamedTempFile, String> {
    let key =
        STANDARD.decode(text).map_err(|_| "The argument \"sshkey\" must be a private key in base64.")?;
    let failed = |e| format!("A file for the key cannot be made: {e}.");
    let mut file = tempfile::Builder::new().prefix("groma-key-").tempfile().map_err(failed)?;
    file.write_all(&key).map_err(failed)?;
    Ok(file)
}
