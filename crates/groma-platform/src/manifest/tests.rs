//! The manifest of the documentation loads, and yields what it says.

use super::*;
use crate::model::*;
use groma_lang::diag_render::{RenderOptions, render_text};

/// A directory with a manifest, and files that it names.
fn directory(manifest: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join("groma.hcl"), manifest).expect("written");
    dir
}

fn load(dir: &tempfile::TempDir) -> (Option<Manifest>, String) {
    let sources = Sources::new();
    let mut diags = Diagnostics::new();
    let manifest = Manifest::load(dir.path(), &sources, &mut diags);
    let text: String = diags.iter().map(|d| render_text(d, &sources, &RenderOptions::plain())).collect();
    (manifest, text)
}

fn good(manifest: &str) -> Manifest {
    let dir = directory(manifest);
    for d in ["functions/thumbnail", "images", "terraform/search"] {
        std::fs::create_dir_all(dir.path().join(d)).expect("made");
    }
    std::fs::write(dir.path().join("images/app.yml"), "- hosts: all\n").expect("written");
    let (m, text) = load(&dir);
    assert_eq!(text, "");
    m.expect("no diagnostics, so a manifest")
}

const LEVELS: &str = include_str!("../../tests/levels.groma.hcl");

#[test]
fn the_sample_loads() {
    let m = good(LEVELS);
    assert_eq!(m.platform.name, "levels");
    let names: Vec<&str> = m.environments().iter().map(|e| e.name.as_str()).collect();
    assert_eq!(names, ["prod", "staging", "branch"]);
    assert_eq!(m.environments()[2].each.as_deref(), Some("branch"));
    assert_eq!(m.environments()[2].ttl, Some(72 * 3600));
    assert_eq!(m.environments()[2].network, NetworkRef::Named("shared".into()));
}
