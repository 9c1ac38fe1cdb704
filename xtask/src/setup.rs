//! The Python environments of the tests: AWS API servers, and programs that read what Groma writes.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use groma_testkit::scratch;

use crate::command::run;

/// An environment with every package pinned, so that a run today and one in a year test against
/// the same programs.
struct Environment {
    /// The folder below [`scratch`].
    name: &'static str,
    /// Names one that is there already.
    variable: &'static str,
    requirements: &'static str,
}

/// Two, because the readers want other versions of packages than the servers.
const ENVIRONMENTS: [Environment; 2] = [
    Environment {
        name: "venv",
        variable: "GROMA_TEST_VENV",
        requirements: include_str!("../requirements.txt"),
    },
    Environment {
        name: "consumers",
        variable: "GROMA_TEST_CONSUMERS",
        requirements: include_str!("../consumers.txt"),
    },
];

/// Makes the environments, unless they are there and have what their lists say.
pub fn setup() -> Result<(), String> {
    ENVIRONMENTS.iter().try_for_each(Environment::make)
}

impl Environment {
    fn make(&self) -> Result<(), String> {
        if let Some(given) = env::var_os(self.variable).filter(|value| !value.is_empty()) {
            println!("setup: {} names {}", self.variable, PathBuf::from(given).display());
            return Ok(());
        }
        let venv = scratch().join(self.name);
        let stamp = venv.join("requirements.txt");
        if fs::read_to_string(&stamp).is_ok_and(|text| text == self.requirements) {
            println!("setup: the Python environment {} is up to date", self.name);
            return Ok(());
        }
        let failed = |error: std::io::Error| format!("{}: {error}", venv.display());
        fs::create_dir_all(scratch()).map_err(failed)?;
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))
            .map_err(|error| format!("{error}\nPython 3.10 or later with its venv module is needed"))?;
        let list = venv.join("wanted.txt");
        fs::write(&list, self.requirements).map_err(failed)?;
        // The list is complete: resolving the dependencies again would cost a minute.
        // Most modules are never imported: those that are get compiled when they are.
        let pip =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile"];
        run(Command::new(venv.join("bin").join("python")).args(pip).arg("-r").arg(&list))?;
        // Last, so that an interrupted installation is not mistaken for a complete one.
        fs::rename(&list, &stamp).map_err(failed)
    }
}
