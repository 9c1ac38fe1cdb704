//! Two folders of the same content: Terraform works in one, Groma in the other.

#![allow(dead_code, reason = "each test uses a part of it")]

use groma_testkit::{Invocation, Output, Workdir};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

pub struct Pair {
    pub terraform: Workdir,
    pub groma: Workdir,
}

impl Pair {
    pub fn new() -> Pair {
        Pair { terraform: Workdir::new(), groma: Workdir::new() }
    }

    /// Writes a file into both.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        self.terraform.write(name, text.as_ref());
        self.groma.write(name, text.as_ref());
    }

    pub fn groma_invocation<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Invocation {
        self.groma.invoke(env!("CARGO_BIN_EXE_groma")).args(args)
    }

    pub fn groma<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Output {
        self.groma_invocation(args).run()
    }

    /// Runs both with the words of `args`.
    fn both(&self, args: &str) -> (Output, Output) {
        let words: Vec<&str> = args.split(' ').collect();
        (self.terraform.terraform(&words), self.groma(&words))
    }

    /// Both succeed and print the same.
    #[track_caller]
    pub fn same_output(&self, args: &str) {
        let (t, g) = self.both(args);
        assert_eq!(g.expect_success().stdout, plain(&t.expect_success().stdout), "{args}");
    }

    /// Both succeed and print the same lines in some order.
    #[track_caller]
    pub fn same_lines(&self, args: &str) {
        let (t, g) = self.both(args);
        let sorted = |text: &str| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&g.expect_success().stdout), sorted(&plain(&t.expect_success().stdout)), "{args}");
    }

    #[track_caller]
    pub fn both_succeed(&self, args: &str) {
        let (t, g) = self.both(args);
        t.expect_success();
        g.expect_success();
    }

    /// Both fail with the same exit code; Groma says why.
    #[track_caller]
    pub fn both_fail(&self, args: &str) {
        let (t, g) = self.both(args);
        assert!(!t.success(), "{args}: Terraform does it");
        assert_eq!(g.status, t.status, "{args}\n{}\n{}", g.stdout, g.stderr);
        assert!(!g.stderr.trim().is_empty(), "{args}: nothing is said");
    }

    /// A state file has the same content, lineages and identifiers that were made up aside.
    #[track_caller]
    pub fn same_state(&self, file: &str) {
        let read = |w: &Workdir| -> Value {
            let text = w.read(file);
            let mut v: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{file}: {e}\n{text}"));
            if v["lineage"].as_str().is_some_and(|l| l.len() == 36 && !self.shared(l)) {
                v["lineage"] = "new".into();
            }
            // Terraform puts text before numbers where a resource has both.
            for r in v["resources"].as_array_mut().into_iter().flatten() {
                let instances = r["instances"].as_array_mut().unwrap();
                instances.sort_by_key(|i| i["index_key"].to_string());
            }
            v
        };
        let text = |v: &Value| serde_json::to_string_pretty(v).unwrap();
        let (g, t) = (text(&read(&self.groma)), text(&read(&self.terraform)));
        if let Some(n) = g.lines().zip(t.lines()).position(|(g, t)| g != t) {
            let around =
                |s: &str| s.lines().skip(n.saturating_sub(12)).take(24).collect::<Vec<_>>().join("\n");
            panic!("{file} differs in line {n}; Groma:\n{}\nTerraform:\n{}", around(&g), around(&t));
        }
        assert_eq!(g.len(), t.len(), "{file}");
    }

    /// Whether both know a lineage.
    fn shared(&self, lineage: &str) -> bool {
        let has = |w: &Workdir| w.read("terraform.tfstate").contains(lineage);
        has(&self.terraform) && has(&self.groma)
    }

    /// The files of these names are in both folders. A time in a name counts as `1`.
    #[track_caller]
    pub fn same_files(&self, names: &[&str]) {
        let (t, g) = (files(self.terraform.path()), files(self.groma.path()));
        for n in names {
            assert!(t.contains_key(*n), "Terraform makes no {n}: {t:?}");
            assert!(g.contains_key(*n), "no {n}: {g:?}");
        }
        // As commands of one second share a backup in Terraform, only the names count.
        assert_eq!(g.keys().collect::<Vec<_>>(), t.keys().collect::<Vec<_>>());
    }
}

/// The files in a folder, times in their names replaced, with how many there are of each.
fn files(folder: &Path) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    for e in folder.read_dir().unwrap().flatten().filter(|e| e.file_type().unwrap().is_file()) {
        let name = e.file_name().to_string_lossy().into_owned();
        let time = |p: &str| p.len() >= 9 && p.chars().all(|c| c.is_ascii_digit() || c == '-');
        let parts: Vec<&str> = name.split('.').map(|p| if time(p) { "1" } else { p }).collect();
        *out.entry(parts.join(".")).or_default() += 1;
    }
    out
}

/// Without escape sequences.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        out.push_str(before);
        rest = after.split_once('m').map_or("", |(_, r)| r);
    }
    out + rest
}
