//! The command line is Terraform's: every command and flag that its help names is there, and
//! those that no other test uses do the same.

use groma_provider::install::Platform;
use groma_testkit::{Output, Workdir, oracle, repository, skip};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const GROMA: &str = env!("CARGO_BIN_EXE_groma");

/// The same directory twice, and the oracle; nothing where it is not.
struct Pair {
    theirs: Workdir,
    ours: Workdir,
}

impl Pair {
    fn new(files: &[(&str, &str)]) -> Option<Pair> {
        if oracle().is_none() {
            skip("no oracle");
            return None;
        }
        let pair = Pair { theirs: Workdir::new(), ours: Workdir::new() };
        for (name, text) in files {
            pair.write(name, text);
        }
        Some(pair)
    }

    fn write(&self, name: &str, text: &str) {
        self.theirs.write(name, text);
        self.ours.write(name, text);
    }

    /// Runs both in a folder below; gives theirs and ours.
    fn run(&self, folder: &str, args: &[&str], stdin: &str) -> [Output; 2] {
        let oracle = oracle().expect("asked for above");
        [(&self.theirs, &*oracle), (&self.ours, Path::new(GROMA))].map(|(dir, program)| {
            std::fs::create_dir_all(dir.path().join(folder)).unwrap();
            dir.invoke(program).args(args).folder(folder).stdin(stdin).run()
        })
    }

    #[track_caller]
    fn both(&self, folder: &str, args: &[&str]) -> [Output; 2] {
        self.run(folder, args, "").map(Output::expect_success)
    }

    #[track_caller]
    fn refused(&self, folder: &str, args: &[&str], summary: &str) {
        for out in self.run(folder, args, "") {
            let text = format!("{}{}", out.stdout, out.stderr);
            assert!(out.status == Some(1) && text.contains(summary), "{out}");
        }
    }

    /// What files there are below a folder, with their contents, without what both keep for themselves.
    fn files(&self, folder: &str) -> [BTreeMap<String, String>; 2] {
        [&self.theirs, &self.ours].map(|dir| {
            let mut found = BTreeMap::new();
            collect(&dir.path().join(folder), "", &mut found);
            found
        })
    }
}

fn collect(dir: &Path, prefix: &str, into: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let name = format!("{prefix}{}", entry.file_name().display());
        if name == ".terraform" || name.starts_with(".groma") {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{name}/"), into);
        } else {
            into.insert(name, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// The flags that a help text names, but for those of other commands.
fn flags(help: &str) -> BTreeSet<String> {
    let own = help.lines().filter(|l| !l.contains("terraform init"));
    let words = own.flat_map(|l| l.split(|c: char| c.is_whitespace() || ",=[".contains(c)));
    words
        .filter(|w| {
            w.len() > 2 && w.starts_with('-') && w[1..].chars().all(|c| c.is_ascii_lowercase() || c == '-')
        })
        .filter(|w| !w.starts_with("--"))
        .map(str::to_owned)
        .collect()
}

/// The indented names at the beginning of lines, of a list of commands.
fn names(help: &str) -> Vec<String> {
    let lines = help.lines().filter(|l| l.starts_with("  ") || l.starts_with("    "));
    let first = lines.filter_map(|l| {
        let (name, rest) = l.trim_start().split_once("  ")?;
        let plain = name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        (plain && !name.starts_with('-') && !rest.is_empty()).then(|| name.to_owned())
    });
    first.collect()
}

#[test]
fn every_flag_of_terraform_is_there() {
    let Some(pair) = Pair::new(&[]) else { return };
    let help = |command: &str| {
        let args: Vec<&str> = command.split(' ').filter(|w| !w.is_empty()).chain(["-help"]).collect();
        pair.run("", &args, "").map(|o| format!("{}{}", o.stdout, o.stderr))
    };
    let [all, _] = help("");
    let mut commands = names(&all);
    assert!(commands.len() > 20, "{commands:?}");
    // Those that are groups of others.
    for group in ["metadata", "providers", "state", "workspace"] {
        let [theirs, _] = help(group);
        commands.extend(names(&theirs).into_iter().map(|name| format!("{group} {name}")));
    }
    let mut missing = BTreeSet::new();
    let mut compared = 0;
    for command in &commands {
        let [theirs, ours] = help(command);
        if matches!(command.as_str(), "metadata" | "state" | "workspace") {
            continue;
        }
        assert!(ours.contains(&format!("groma {command}")), "{command}: {ours}");
        let ours = flags(&ours);
        for flag in flags(&theirs).into_iter().filter(|f| f != "-help") {
            compared += 1;
            if !ours.contains(&flag) {
                missing.insert(format!("| `{command} {flag}` | no such flag |"));
            }
        }
    }
    assert!(compared > 150, "only {compared} flags were found");
    let document = std::fs::read_to_string(repository().join("docs/compatibility.md")).unwrap();
    let documented = document.lines().filter(|l| l.ends_with("| no such flag |")).map(str::to_owned);
    assert_eq!(missing, documented.collect());
}

const CONFIGURATION: [(&str, &str); 3] = [
    (
        "main.tf",
        r#"
variable "a" { default = "x" }
locals { b = var.a }
resource "terraform_data" "one" { input = local.b }
resource "terraform_data" "two" {
  count = 2
  input = terraform_data.one.id
}
module "m" {
  source = "./m"
  in     = terraform_data.two[0].output
}
output "o" { value = module.m.out }
data "terraform_remote_state" "other" {
  backend  = "local"
  config   = { path = "${path.module}/other.tfstate" }
  defaults = { k = terraform_data.one.output }
}
"#,
    ),
    (
        "m/main.tf",
        r#"
variable "in" {}
resource "terraform_data" "inner" { input = var.in }
output "out" { value = terraform_data.inner.output }
"#,
    ),
    (
        "other.tfstate",
        r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"other","outputs":{},"resources":[]}"#,
    ),
];

#[test]
fn graphs_are_terraforms() {
    let Some(pair) = Pair::new(&CONFIGURATION) else { return };
    pair.both("", &["init"]);
    let same = |args: &[&str]| {
        let [theirs, ours] = pair.both("", args);
        assert_eq!(ours.stdout.trim_end(), theirs.stdout.trim_end());
        assert!(ours.stdout.contains("terraform_data.two"), "{ours}");
    };
    for kind in ["plan", "plan-refresh-only", "apply"] {
        same(&["graph", &format!("-type={kind}")]);
    }
    same(&["graph", "-type=plan", "-draw-cycles"]);
    same(&["graph", "-module-depth=1"]);
    same(&["graph"]);

    pair.both("", &["apply", "-auto-approve"]);
    // What is destroyed before what. Values that are not destroyed are nodes with Terraform only.
    let [theirs, ours] = pair.both("", &["graph", "-type=plan-destroy"]).map(|out| {
        let lines = out.stdout.lines().map(str::trim).filter(|l| !l.contains("output.o"));
        lines.map(str::to_owned).collect::<BTreeSet<_>>()
    });
    assert_eq!(ours, theirs);
    assert!(ours.iter().any(|l| l.ends_with(r#"-> "[root] terraform_data.two (destroy)""#)), "{ours:?}");

    // Of a saved plan the resources are whole, where Terraform has each instance.
    pair.write("main.tf", &CONFIGURATION[0].1.replace("input = local.b", "triggers_replace = local.b"));
    pair.both("", &["plan", "-out=saved"]);
    let ours = &pair.both("", &["graph", "-plan=saved"])[1].stdout;
    for line in [
        r#""[root] terraform_data.one (expand)" -> "[root] terraform_data.one (destroy)""#,
        r#""[root] terraform_data.two (expand)" -> "[root] terraform_data.one (expand)""#,
    ] {
        assert!(ours.contains(line), "{line} is not in\n{ours}");
    }
    pair.refused("", &["graph", "-type=other"], "plan-refresh-only");
    pair.refused("", &["graph", "-plan=none"], "none");
}

#[test]
fn the_console_has_planned_values() {
    let Some(pair) = Pair::new(&CONFIGURATION) else { return };
    pair.both("", &["init"]);
    pair.both("", &["apply", "-auto-approve", "-target=terraform_data.one"]);
    pair.write("changed.auto.tfvars", "a = \"changed\"\n");
    for (expression, wanted) in [
        ("terraform_data.one.input", "\"changed\""),
        ("terraform_data.one.output", "(known after apply)"),
        ("length(terraform_data.two)", "2"),
        ("terraform_data.two[*].output", "(known after apply)"),
        ("local.b", "\"changed\""),
        ("module.m.out", "(known after apply)"),
    ] {
        let [theirs, ours] = pair.run("", &["console", "-plan"], expression).map(Output::expect_success);
        assert_eq!(ours.stdout, theirs.stdout, "{expression}");
        assert!(ours.stdout.contains(wanted), "{expression}: {ours}");
    }
    for out in pair.run("", &["console"], "terraform_data.one.input") {
        assert_eq!(out.expect_success().stdout.trim(), "\"x\"");
    }
}

#[test]
fn a_directory_begins_as_a_copy_of_a_module() {
    let Some(pair) = Pair::new(&[]) else { return };
    for (name, text) in [
        ("main.tf", "module \"sub\" {\n  source = \"./sub\"\n}\n"),
        ("sub/main.tf", "output \"a\" { value = 1 }\n"),
        ("sub/.hidden/file", "x"),
        (".gitignore", "*.tfstate\n"),
        ("script.sh", "#!/bin/sh\n"),
    ] {
        pair.write(&format!("source/{name}"), text);
    }
    pair.both("copy", &["init", "-from-module=../source"]);
    let [theirs, ours] = pair.files("copy");
    assert_eq!(ours, theirs);
    assert_eq!(ours.keys().collect::<Vec<_>>(), ["main.tf", "script.sh", "sub/main.tf"]);
    pair.both("copy", &["validate"]);

    // A directory of a package, by an address that only the fetcher knows.
    for (dir, program) in [(&pair.theirs, oracle().expect("asked for above")), (&pair.ours, GROMA.into())] {
        let source = format!("-from-module={}//sub", dir.path().join("source").display());
        std::fs::create_dir_all(dir.path().join("part")).unwrap();
        dir.invoke(program).args(["init", &source]).folder("part").run().expect_success();
    }
    let [theirs, ours] = pair.files("part");
    assert_eq!(ours, theirs);
    assert_eq!(ours.keys().collect::<Vec<_>>(), ["main.tf"]);

    pair.refused("copy", &["init", "-from-module=../source"], "");
    pair.refused("none", &["init", "-from-module=../missing"], "Failed to download module");
    assert_eq!(pair.files("none"), [BTreeMap::new(), BTreeMap::new()]);
    pair.write("kept/.git/config", "");
    pair.refused("kept", &["init", "-from-module=../source"], "Can't populate non-empty directory");
}

#[test]
fn tests_may_be_in_another_directory() {
    let module =
        "terraform {\n  required_providers {\n    thing = { source = \"example.com/acme/thing\" }\n  }\n}\n";
    let Some(pair) = Pair::new(&[
        ("main.tf", "resource \"terraform_data\" \"x\" {}\n"),
        ("helper/main.tf", module),
        ("checks/a.tftest.hcl", "run \"a\" {\n  module {\n    source = \"./helper\"\n  }\n}\n"),
        ("checks/plain.tftest.hcl", "run \"b\" {}\n"),
    ]) else {
        return;
    };
    let modules = ".terraform/modules/modules.json";
    for (args, there) in [(vec!["get"], false), (vec!["get", "-test-directory=checks"], true)] {
        pair.both("", &args);
        for dir in [&pair.theirs, &pair.ours] {
            let text = if dir.exists(modules) { dir.read(modules) } else { String::new() };
            assert_eq!(text.contains("test.checks.a.a"), there, "{args:?}: {text}");
        }
    }
    let trees = pair.both("", &["providers", "-test-directory=checks"]).map(|out| {
        // Terraform's order of files is random, and so is which is the last.
        let plain = |l: &str| l.trim_start_matches([' ', '\u{a0}', '│', '├', '└', '─']).to_owned();
        out.stdout.lines().map(plain).collect::<BTreeSet<_>>()
    });
    assert_eq!(trees[1], trees[0]);
    assert!(trees[1].contains("test.checks.plain") && trees[1].contains("run.a"), "{trees:?}");
    assert!(trees[1].contains("provider[example.com/acme/thing]"), "{trees:?}");
    // init needs the provider of that module then.
    let mirror = pair.ours.outside().join("mirror");
    std::fs::create_dir_all(&mirror).unwrap();
    let plugins = format!("-plugin-dir={}", mirror.display());
    pair.both("", &["init", &plugins]);
    pair.refused("", &["init", "-test-directory=checks", &plugins], "example.com/acme/thing");
}

#[test]
fn import_with_a_configuration_elsewhere() {
    let Some(pair) = Pair::new(&[("conf/main.tf", "resource \"terraform_data\" \"a\" {}\n")]) else { return };
    pair.both("", &["import", "-config=conf", "-ignore-remote-version", "terraform_data.a", "abc"]);
    for dir in [&pair.theirs, &pair.ours] {
        let state: serde_json::Value = serde_json::from_str(&dir.read("terraform.tfstate")).unwrap();
        assert_eq!(state["resources"][0]["instances"][0]["attributes"]["id"], "abc", "{state}");
    }
    pair.refused("", &["import", "-config=none", "terraform_data.b", "abc"], "");
    pair.refused("", &["import", "-config=conf", "terraform_data.b", "abc"], "terraform_data.b");
}

#[test]
fn mirrors_follow_the_lock_file_or_do_not() {
    let required =
        "terraform {\n  required_providers {\n    thing = { source = \"example.com/acme/thing\" }\n  }\n}\n";
    let Some(mut pair) = Pair::new(&[("main.tf", required)]) else { return };
    for dir in [&mut pair.theirs, &mut pair.ours] {
        let outside = dir.outside().to_owned();
        let packages = |root: &str, versions: &[&str]| {
            for version in versions {
                let platform = Platform::current();
                let package = outside.join(root).join(format!("example.com/acme/thing/{version}/{platform}"));
                std::fs::create_dir_all(&package).unwrap();
                let program = package.join(format!("terraform-provider-thing_v{version}"));
                std::fs::write(&program, format!("#!/bin/sh\necho {version}\n")).unwrap();
                let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
                std::fs::set_permissions(&program, mode).unwrap();
            }
        };
        packages("old", &["1.0.0"]);
        packages("cache", &["1.0.0"]);
        packages("all", &["1.0.0", "1.1.0"]);
        let rules = outside.join("rules.tfrc");
        let text = format!(
            "plugin_cache_dir = \"{0}/cache\"\nprovider_installation {{\n  filesystem_mirror {{\n    path = \"{0}/all\"\n  }}\n}}\n",
            outside.display()
        );
        std::fs::write(&rules, text).unwrap();
        dir.env("TF_CLI_CONFIG_FILE", &rules);
        let old = format!("-plugin-dir={}", outside.join("old").display());
        // The lock file is the same, whoever writes it.
        dir.invoke(GROMA).args(["init", &old]).run().expect_success();
        assert!(dir.read(".terraform.lock.hcl").contains("1.0.0"));
    }
    // Terraform asks the origin whatever the rules are; there is none here.
    for (flag, version) in [("-lock-file=true", "1.0.0"), ("-lock-file=false", "1.1.0")] {
        pair.ours.run(GROMA, ["providers", "mirror", flag, version]).expect_success();
        let files = pair.ours.path().join(version).join("example.com/acme/thing");
        let names: Vec<_> = std::fs::read_dir(files).unwrap().map(|e| e.unwrap().file_name()).collect();
        let wanted = format!("thing_{version}_{}.zip", Platform::current());
        assert!(names.iter().any(|name| name.to_string_lossy().ends_with(&wanted)), "{names:?}");
    }
    // Only the cache can have what is locked.
    pair.refused("", &["providers", "lock"], "example.com");
    pair.ours.run(GROMA, ["providers", "lock", "-enable-plugin-cache"]).expect_success();
}
