//! Mistakes in manifests: each `mistakes/NAME.groma.hcl` has one, and `NAME.txt` is what is
//! said about it. With `GROMA_UPDATE=1` the texts are written anew; read them then.

use groma_lang::diag_render::{RenderOptions, render_text};
use groma_lang::{Diagnostics, Sources};
use groma_platform::Manifest;
use std::collections::BTreeSet;
use std::path::Path;

/// What loading a manifest says; files that the manifests name are there.
fn said(manifest: &str) -> String {
    let dir = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    write("groma.hcl", manifest);
    write("functions/thumbnail/index.mjs", "export const handler = async () => {}\n");
    write("images/app.yml", "- hosts: all\n");
    write("containers/api/Dockerfile", "FROM scratch\n");
    write("terraform/search/main.tf", "");
    let sources = Sources::new();
    let mut diags = Diagnostics::new();
    let loaded = Manifest::load(dir.path(), &sources, &mut diags);
    assert_eq!(loaded.is_none(), diags.has_errors(), "a manifest is there unless there are errors");
    assert!(
        diags.iter().all(|d| d.detail.ends_with(['.', '?', '}', ']', '"'])
            || d.detail.contains("\n    ")
            || d.detail.contains("groma explain")),
        "{diags:?}"
    );
    let text: String = diags.iter().map(|d| render_text(d, &sources, &RenderOptions::plain())).collect();
    text.replace(&format!("{}/", dir.path().display()), "")
}

#[test]
fn every_mistake_is_explained() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes");
    let update = std::env::var_os("GROMA_UPDATE").is_some();
    let mut kinds = BTreeSet::new();
    let mut wrong = Vec::new();
    for e in std::fs::read_dir(&dir).expect("mistakes").flatten() {
        let name = e.file_name().to_string_lossy().into_owned();
        let Some(name) = name.strip_suffix(".groma.hcl") else { continue };
        let manifest = std::fs::read_to_string(e.path()).expect("readable");
        let now = said(&manifest);
        let expected = dir.join(format!("{name}.txt"));
        if update {
            std::fs::write(&expected, &now).expect("written");
        }
        if now.is_empty() || std::fs::read_to_string(&expected).unwrap_or_default() != now {
            wrong.push(format!("{name}:\n{now}"));
        }
        kinds.insert(now);
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(kinds.len() >= 60, "{} kinds of mistakes", kinds.len());
}

/// A directory without a manifest.
#[test]
fn no_manifest() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut diags = Diagnostics::new();
    assert!(Manifest::load(dir.path(), &Sources::new(), &mut diags).is_none());
    assert!(diags.iter().any(|d| d.detail.contains("There is no groma.hcl in")), "{diags:?}");
}
