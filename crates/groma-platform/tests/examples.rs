//! The examples load without errors or warnings, and every environment of them resolves.

use groma_lang::diag_render::{RenderOptions, render_text};
use groma_lang::{Diagnostics, Sources};
use groma_platform::Manifest;
use std::path::Path;

#[test]
fn examples_load() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut loaded = 0;
    let mut said = String::new();
    for e in std::fs::read_dir(examples).expect("examples").flatten() {
        if !e.path().join("groma.hcl").exists() {
            continue;
        }
        let sources = Sources::new();
        let mut diags = Diagnostics::new();
        let manifest = Manifest::load(&e.path(), &sources, &mut diags);
        said.extend(diags.iter().map(|d| render_text(d, &sources, &RenderOptions::plain())));
        let Some(manifest) = manifest else { continue };
        loaded += 1;
        for info in manifest.environments() {
            let label = info.each.as_ref().map(|_| "fix-login");
            if let Err(d) = manifest.environment(&info.name, label) {
                said.push_str(&render_text(&d, &sources, &RenderOptions::plain()));
            }
        }
    }
    assert_eq!(said, "");
    assert_eq!(loaded, 5, "the five systems");
}

/// The manifests that the README shows are whole, and load.
#[test]
fn manifests_of_the_readme_load() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let text = std::fs::read_to_string(readme).expect("the README");
    let shown = text.split("```hcl\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut loaded = 0;
    for manifest in shown.filter(|m| m.contains("platform \"")) {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("groma.hcl"), manifest).expect("written");
        for line in manifest
            .lines()
            .filter(|l| l.trim_start().starts_with("build") || l.trim_start().starts_with("code"))
        {
            if let Some(path) = line.split('"').nth(1) {
                std::fs::create_dir_all(dir.path().join(path)).expect("made");
            }
        }
        for path in manifest
            .lines()
            .filter(|l| l.trim_start().starts_with("setup"))
            .flat_map(|l| l.split('"').skip(1).step_by(2))
        {
            let file = dir.path().join(path);
            std::fs::create_dir_all(file.parent().expect("a parent")).expect("made");
            std::fs::write(file, "").expect("written");
        }
        let sources = Sources::new();
        let mut diags = Diagnostics::new();
        let found = Manifest::load(dir.path(), &sources, &mut diags);
        let said: String = diags.iter().map(|d| render_text(d, &sources, &RenderOptions::plain())).collect();
        assert_eq!(said, "");
        assert!(found.is_some());
        loaded += 1;
    }
    assert!(loaded > 0, "the README shows a manifest");
}
