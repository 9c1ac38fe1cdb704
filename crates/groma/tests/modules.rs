//! The tests of every module below `modules/`, run with the embedded AWS: each module a test of its own name.

use groma_testkit::{Trial, Verdict, Workdir, harness_main, repository};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut folders: Vec<_> = std::fs::read_dir(repository().join("modules"))
        .expect("the modules")
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.join("tests").is_dir())
        .collect();
    folders.sort();
    let trials = folders.into_iter().map(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Trial::new(name, move || run(&path))
    });
    harness_main(trials.collect())
}

/// In its place: tests of one module may call another.
fn run(module: &Path) -> Verdict {
    let mut w = Workdir::new();
    // Nobody may reach an account from here.
    w.env("AWS_ACCESS_KEY_ID", "none").env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let out =
        w.invoke(env!("CARGO_BIN_EXE_groma")).args(["test", "-sandbox", "-no-color"]).folder(module).run();
    if !out.success() || !out.stdout.contains("Success! ") || out.stdout.contains("Success! 0 passed") {
        return Err(format!("{}\n{}", out.stdout, out.stderr));
    }
    if module.join(".terraform").exists() || module.join(".terraform.lock.hcl").exists() {
        return Err("the run left something in the module's folder".to_owned());
    }
    Ok(())
}
