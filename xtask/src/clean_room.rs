//! Whether the last commit alone, in a fresh folder, does what it promises.

use std::process::Command;

use groma_testkit::repository;

use crate::command::run;

/// Clones the repository into a temporary folder and runs `.ci/run` there.
pub fn clean_room() -> Result<(), String> {
    let temp =
        tempfile::Builder::new().prefix("groma-clean-room-").tempdir().map_err(|error| error.to_string())?;
    let clone = temp.path().join("groma");
    run(Command::new("git").args(["clone", "--quiet", "--no-hardlinks"]).arg(repository()).arg(&clone))?;
    // The developer's own build and settings must not reach into the clean room.
    let mut command = Command::new(clone.join(".ci").join("run"));
    for name in ["CARGO_TARGET_DIR", "CARGO_MANIFEST_DIR", "GROMA_TEST_VENV", "GROMA_TEST_CONSUMERS"] {
        command.env_remove(name);
    }
    run(command.current_dir(&clone))
}
