//! `groma eject`

use super::{Command, Outcome};
use crate::args::{Args, Flag, switch, value};
use crate::operation::COMMON_FLAGS;
use crate::platform::{EACH_FLAGS, PLATFORM_FLAGS, Project, now, roots};
use crate::session::Session;
use groma_lang::Diagnostic;
use groma_platform::StateLocation;
use groma_platform::compile::{Backend, Compiler, allocate, local_backend, s3_backend};
use groma_platform::record::Live;
use std::path::{Component, Path, PathBuf};

const FLAGS: &[Flag] = &[
    value("out", "DIR", "Where to write; DIR/roots and DIR/modules are made. Required."),
    switch("force", "Write over what was changed there since."),
];

/// The command.
pub static COMMAND: Command = Command {
    name: "eject",
    usage: "-out=DIR [flags] ENVIRONMENT",
    summary: "Write an environment as plain Terraform that needs no Groma",
    help: "Writes the root modules of the environment, of its network and of what they share to DIR/roots/NAME, and the modules that they are made of to DIR/modules. They use the states that Groma uses, so Terraform takes over where Groma was: run terraform init and terraform plan in each, networks first. What is in the sandbox (-sandbox) is not on AWS: these root modules begin with empty states beside them.",
    flags: &[FLAGS, EACH_FLAGS, PLATFORM_FLAGS, COMMON_FLAGS],
    run,
    main: true,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let Some(out) = args.get("out").filter(|o| !o.is_empty()) else {
        return Err("groma eject needs a directory to write to: groma eject -out=DIR ENVIRONMENT"
            .to_owned()
            .into());
    };
    let p = Project::open(s, args)?;
    let env = p.named("eject")?;
    let mut record = p.recorded()?;
    if !record.environments.contains_key(&env.slug) {
        let live = Live { name: env.name.clone(), label: env.label.clone(), since: now(), ..Live::default() };
        record.environments.insert(env.slug.clone(), live);
    }
    allocate(&p.manifest, &mut record).map_err(|d| s.fail(d))?;
    let base = absolute(&p.dir.join(out));
    let states = relative(&base.join("roots/NAME"), &p.data.join("state"));
    let backend = |root: &str| -> Backend {
        match &p.manifest.platform.state {
            StateLocation::S3 { bucket, region, prefix } => s3_backend(bucket, region, prefix, root),
            // What is in the sandbox is not in AWS: the ejected root modules start anew.
            StateLocation::Local if p.sandbox => (String::new(), Vec::new()),
            StateLocation::Local => local_backend(&states.to_string_lossy(), root),
        }
    };
    let all = Compiler { manifest: &p.manifest, record: &record, backend: &backend }
        .roots(&env)
        .map_err(|d| s.fail(d))?;
    let other = roots::differing(&base, &all);
    if !other.is_empty() && !args.on("force", false) {
        let some: Vec<String> = other.iter().take(10).map(|f| format!("  - {f}")).collect();
        let more =
            if other.len() > 10 { format!("\n  and {} more", other.len() - 10) } else { String::new() };
        return Err(s.fail(Diagnostic::error(
            format!("{out} has other files"),
            format!("These are there, and would be written over or removed:\n{}{more}\n\nName another directory, or give -force.", some.join("\n")),
        )));
    }
    roots::write(&p, &base, &all)?;
    if p.sandbox {
        s.ui.out("What is in the sandbox is not on AWS, so each of these begins with an empty state, terraform.tfstate beside it, and plans everything as new. A root module reads the states of those before it: apply one before the next is planned.\n\n");
    }
    let mut text = format!("{} is written as plain Terraform. In this order:\n", env.slug);
    let then = if p.sandbox { "apply" } else { "plan" };
    for r in &all {
        let dir = Path::new(out).join("roots").join(&r.name);
        text.push_str(&format!(
            "  terraform -chdir={} init && terraform -chdir={} {then}\n",
            dir.display(),
            dir.display()
        ));
    }
    s.ui.out(&text);
    Ok(0)
}

/// Without `.` and `..`.
fn absolute(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for c in path.components() {
        match c {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

/// The way from one directory to another; both absolute.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let (mut a, mut b) = (from.components().peekable(), to.components().peekable());
    while a.peek().is_some() && a.peek() == b.peek() {
        a.next();
        b.next();
    }
    let mut out = PathBuf::new();
    a.for_each(|_| out.push(".."));
    b.for_each(|c| out.push(c));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_between_directories() {
        assert_eq!(relative(Path::new("/a/b/c"), Path::new("/a/d")), PathBuf::from("../../d"));
        assert_eq!(absolute(Path::new("/a/b/../c/./d")), PathBuf::from("/a/c/d"));
    }
}
