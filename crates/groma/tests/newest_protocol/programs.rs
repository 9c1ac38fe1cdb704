//! Both programs with the same provider.

use groma_testkit::{Output, Workdir, oracle};
use groma_testprovider::Lab;
use std::process::Child;

/// One of the two.
#[derive(Clone)]
pub struct Program {
    path: String,
    ours: bool,
}

/// Ours first; then the oracle, where there is one.
pub fn both(groma: &str) -> Vec<Program> {
    let mut all = vec![Program { path: groma.to_owned(), ours: true }];
    all.extend(oracle().map(|o| Program { path: o.display().to_string(), ours: false }));
    all
}

impl Program {
    /// Whether it is not the oracle.
    pub fn is_ours(&self) -> bool {
        self.ours
    }

    /// An empty directory that asks for the provider.
    pub fn directory(&self, lab: &Lab) -> Workdir {
        let mut w = Workdir::new();
        w.env("TF_REATTACH_PROVIDERS", lab.reattach());
        w.write("versions.tf", lab.required());
        w
    }

    /// Runs a command.
    #[track_caller]
    pub fn run(&self, w: &Workdir, args: &[&str]) -> Output {
        // `show -json` takes what it shows last.
        let mut all = vec![args[0], "-no-color"];
        all.extend(&args[1..]);
        w.run(&self.path, all)
    }

    /// Runs a command that takes no `-no-color`, or needs none.
    #[track_caller]
    pub fn raw(&self, w: &Workdir, args: &[&str]) -> Output {
        w.run(&self.path, args)
    }

    /// Begins a command.
    pub fn begin(&self, w: &Workdir, args: &[&str]) -> Child {
        let mut command = w.invoke(&self.path).args(args).command();
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        command.spawn().unwrap()
    }
}
