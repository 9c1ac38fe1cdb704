//! What is printed, to the letter. `GROMA_UPDATE=1` writes the expected texts anew; read
//! them then as somebody who sees them for the first time.

use super::help::*;
use groma_testkit::Workdir;
use std::path::Path;

/// Without what differs from run to run: ids, times, the host.
fn masked(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        // Progress comes in any order.
        if line.contains(": Creat") || line.contains(": Destr") || line.contains(": Modif") {
            continue;
        }
        let words: Vec<String> = line.split(' ').map(mask).collect();
        out.push_str(words.join(" ").trim_end());
        out.push('\n');
    }
    out
}

fn mask(word: &str) -> String {
    if let Some((head, _)) = word.split_once("ada@") {
        let tail = if word.ends_with(',') { "," } else { "" };
        return format!("{head}ada@host{tail}");
    }
    if word.contains(".rds.amazonaws.com") {
        let mut parts: Vec<&str> = word.split('.').collect();
        parts[1] = "ID";
        return parts.join(".");
    }
    word.to_owned()
}

/// Times that pass while a test runs.
fn timeless(text: &str) -> String {
    let mut out = text.to_owned();
    for n in (0..60).rev() {
        for unit in ["seconds", "second", "minutes", "minute"] {
            out = out.replace(&format!("{n} {unit} ago"), "N seconds ago");
            out = out.replace(&format!("expires in {n} {unit}"), "expires in N minutes");
        }
    }
    out = out.replace("expires in 1 hour", "expires in N minutes");
    // Columns are as wide as the widest of them.
    let lines: Vec<String> = out
        .lines()
        .map(|l| {
            let indent = l.len() - l.trim_start().len();
            if l.contains("seconds ago") || l.starts_with("ENVIRONMENT") {
                format!("{}{}", " ".repeat(indent), l.split_whitespace().collect::<Vec<_>>().join(" "))
            } else {
                l.to_owned()
            }
        })
        .collect();
    lines.join("\n") + "\n"
}

fn expect(dir: &Workdir, name: &str, args: &[&str]) {
    let out = groma(dir, args).expect_success();
    assert_eq!(out.stderr, "");
    let now = format!("$ groma {}\n{}", args.join(" "), timeless(&masked(&out.stdout)));
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platform_life/texts").join(format!("{name}.txt"));
    if std::env::var_os("GROMA_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, &now).expect("written");
        return;
    }
    let then = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(now == then, "{name} is not as expected; look, and run this with GROMA_UPDATE=1:\n{now}");
}

#[test]
fn what_one_reads() {
    let dir = shop();
    expect(&dir, "status-nothing", &["status"]);
    expect(&dir, "up", &["up", "-auto-approve", "staging"]);
    expect(&dir, "up-again", &["up", "staging"]);
    expect(&dir, "up-branch", &["up", "-auto-approve", "-each=fix-login", "branch"]);
    let text = dir.read("groma.hcl");
    dir.write("groma.hcl", text.replace("cpu = 60", "cpu = 50"));
    expect(&dir, "diff-change", &["diff", "staging"]);
    dir.write("groma.hcl", text);
    expect(&dir, "status", &["status"]);
    expect(&dir, "status-one", &["status", "staging"]);
    expect(&dir, "scale", &["scale", "-auto-approve", "staging", "web=2"]);
    expect(&dir, "park", &["park", "-auto-approve", "staging"]);
    expect(&dir, "status-parked", &["status", "staging"]);
    expect(&dir, "envs", &["envs"]);
    expect(&dir, "resume", &["resume", "-auto-approve", "staging"]);
    expect(&dir, "down-branch", &["down", "-auto-approve", "-each=fix-login", "branch"]);
    expect(&dir, "down", &["down", "-auto-approve", "staging"]);
}

/// The manifest of README.md.
fn readme() -> String {
    let text = std::fs::read_to_string(groma_testkit::repository().join("README.md")).expect("README.md");
    let (_, section) = text.split_once("\n## A manifest\n").expect("the section");
    let (_, code) = section.split_once("```hcl\n").expect("its manifest");
    code.split("```").next().expect("its end").to_owned()
}

#[test]
fn the_manifest_of_the_readme() {
    let text = readme();
    let code = text.lines().filter(|l| !l.trim().is_empty() && !l.trim().starts_with('#')).count();
    assert!(code <= 40, "{code} lines");
    let mut dir = Workdir::new();
    dir.timeout(std::time::Duration::from_secs(60));
    dir.write("groma.hcl", &text);
    dir.run(GROMA, ["fmt", "-check", "groma.hcl"]).expect_success();
    up(&dir, &["staging"]);
    settled(&dir, &["staging"]);
    up(&dir, &["-each=fix-login", "branch"]);
    settled(&dir, &["-each=fix-login", "branch"]);
    groma(&dir, &["diff", "prod"]).expect_success();
    let out = groma(&dir, &["down", "-auto-approve", "prod"]).expect_status(1);
    assert!(out.stderr.contains("prod is not up"), "{out}");
    down(&dir, &["-each=fix-login", "branch"]);
    down(&dir, &["staging"]);
    assert!(tagged(&dir).is_empty());
}

#[test]
fn examples_are_formatted() {
    let dir = Workdir::new();
    for name in ["levels", "simplemining", "blockchain", "exchange", "dealtrak"] {
        let path = groma_testkit::repository().join("examples").join(name).join("groma.hcl");
        dir.write(format!("{name}/groma.hcl"), std::fs::read(path).expect("an example"));
        dir.run(GROMA, ["fmt", "-check", &format!("{name}/groma.hcl")]).expect_success();
    }
}
