//! The Python environment which holds the AWS API servers.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use groma_testkit::scratch;

use crate::command::run;

/// Every package pinned, so that a run today and one in a year test against the same servers.
const REQUIREMENTS: &str = include_str!("../requirements.txt");

/// Makes the environment, unless it is there and has what `requirements.txt` says.
pub fn setup() -> Result<(), String> {
    if let Some(given) = env::var_os("GROMA_TEST_VENV").filter(|value| !value.is_empty()) {
        println!("setup: GROMA_TEST_VENV names {}", PathBuf::from(given).display());
        return Ok(());
    }
    let venv = scratch().join("venv");
    let stamp = venv.join("requirements.txt");
    if fs::read_to_string(&stamp).is_ok_and(|text| text == REQUIREMENTS) {
        println!("setup: the Python environment is up to date");
        return Ok(());
    }
    let failed = |error: std::io::Error| format!("{}: {error}", venv.display());
    fs::create_dir_all(scratch()).map_err(failed)?;
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))
        .map_err(|error| format!("{error}\nPython 3.10 or later with its venv module is needed"))?;
    let list = venv.join("wanted.txt");
    fs::write(&list, REQUIREMENTS).map_err(failed)?;
    // The list is complete: resolving the dependencies again would cost a minute.
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r"];
    run(Command::new(venv.join("bin").join("python")).args(pip).arg(&list))?;
    // Last, so that an interrupted installation is not mistaken for a complete one.
    fs::rename(&list, &stamp).map_err(failed)
}
