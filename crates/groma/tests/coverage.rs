//! Every block and argument of the language is in some case that both programs run. The table of it in `docs/compatibility.md` is written by this test: `GROMA_UPDATE=1`.

use groma_lang::syntax::parse_file;
use groma_lang::{Body, Diagnostics, Sources};
use groma_testkit::differential::{Action, Case, cases_folder};
use groma_testkit::repository;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

/// Blocks with their arguments and nested blocks, of Terraform 1.11. `dynamic` and `provisioner`
/// stand for those in any block.
const LANGUAGE: [(&str, &[&str]); 19] = [
    ("terraform", &["required_version", "required_providers", "backend", "provider_meta", "experiments"]),
    ("provider", &["alias", "version"]),
    ("variable", &["type", "default", "description", "sensitive", "nullable", "ephemeral", "validation"]),
    ("variable.validation", &["condition", "error_message"]),
    ("locals", &[]),
    ("output", &["value", "description", "sensitive", "ephemeral", "depends_on", "precondition"]),
    ("module", &["source", "version", "providers", "count", "for_each", "depends_on"]),
    ("resource", &["count", "for_each", "provider", "depends_on", "lifecycle", "connection"]),
    (
        "resource.lifecycle",
        &[
            "create_before_destroy",
            "prevent_destroy",
            "ignore_changes",
            "replace_triggered_by",
            "precondition",
            "postcondition",
        ],
    ),
    ("data", &["count", "for_each", "provider", "depends_on", "lifecycle"]),
    ("data.lifecycle", &["precondition", "postcondition"]),
    ("ephemeral", &["count", "for_each", "provider", "depends_on", "lifecycle"]),
    ("provisioner", &["when", "on_failure", "connection"]),
    ("dynamic", &["for_each", "iterator", "content"]),
    ("check", &["data", "assert"]),
    ("moved", &["from", "to"]),
    ("removed", &["from", "lifecycle", "provisioner", "connection"]),
    ("removed.lifecycle", &["destroy"]),
    ("import", &["to", "id", "for_each", "provider"]),
];

/// By path, the cases that have it.
type Found = BTreeMap<String, BTreeSet<String>>;

fn collect(body: &Body, path: &str, case: &str, found: &mut Found) {
    let add = |path: String, found: &mut Found| _ = found.entry(path).or_default().insert(case.to_owned());
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for a in &body.attributes {
        add(below(&a.name.name), found);
    }
    for b in &body.blocks {
        let name = &*b.ty.name;
        // What is allowed in many places is counted once.
        let inner = match name {
            "dynamic" | "provisioner" => name.to_owned(),
            _ => below(name),
        };
        add(inner.clone(), found);
        if inner == "removed" || name == "provisioner" || name == "connection" {
            add(below(name), found);
        }
        collect(&b.body, &inner, case, found);
    }
}

fn configurations(dir: &Path, into: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()) {
        if entry.is_dir() {
            configurations(&entry, into);
        } else if entry.extension().is_some_and(|e| e == "tf" || e == "tofu") {
            into.push(entry);
        }
    }
}

fn in_cases() -> (usize, Found) {
    let mut found = Found::new();
    let cases: Vec<_> = std::fs::read_dir(cases_folder()).unwrap().map(|e| e.unwrap().path()).collect();
    for case in &cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let mut files = Vec::new();
        configurations(case, &mut files);
        let mut texts: Vec<String> = files.iter().filter_map(|f| std::fs::read_to_string(f).ok()).collect();
        for step in Case::load(case).unwrap().steps.into_iter().flatten() {
            if let Action::Write(written) = step.action {
                texts.extend(
                    written
                        .into_iter()
                        .filter(|(n, _)| n.extension().is_some_and(|e| e == "tf"))
                        .map(|(_, text)| text),
                );
            }
        }
        for text in texts {
            let sources = Sources::default();
            let source = sources.add("case.tf", text);
            // Of what is broken on purpose the rest counts.
            collect(&parse_file(&source, &mut Diagnostics::new()), "", &name, &mut found);
        }
    }
    (cases.len(), found)
}

fn table() -> String {
    let (cases, found) = in_cases();
    let mut out = format!(
        "{cases} cases. How many of them have a block or an argument:\n\n| block | cases | with |\n| --- | --- | --- |\n"
    );
    let mut missing = Vec::new();
    for (block, arguments) in LANGUAGE {
        let mut count = |path: String| match found.get(&path) {
            Some(cases) => cases.len().to_string(),
            None => {
                missing.push(path);
                String::new()
            }
        };
        let own = count(block.to_owned());
        let with: Vec<String> =
            arguments.iter().map(|a| format!("`{a}` {}", count(format!("{block}.{a}")))).collect();
        writeln!(out, "| `{block}` | {own} | {} |", with.join(", ")).unwrap();
    }
    assert!(missing.is_empty(), "no case has {missing:?}");
    out
}

#[test]
fn the_table_is_what_the_cases_have() {
    const BEGIN: &str = "<!-- written by crates/groma/tests/coverage.rs -->\n";
    const END: &str = "<!-- end -->";
    let path = repository().join("docs/compatibility.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(BEGIN).expect("the beginning of the table");
    let (there, after) = rest.split_once(END).expect("the end of the table");
    let table = format!("\n{}\n", table());
    if std::env::var_os("GROMA_UPDATE").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert!(
        there == table,
        "docs/compatibility.md is not what the cases have; run this test with GROMA_UPDATE=1"
    );
}
