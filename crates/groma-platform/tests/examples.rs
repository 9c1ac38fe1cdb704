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
