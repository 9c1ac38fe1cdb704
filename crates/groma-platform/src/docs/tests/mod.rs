//! What must hold of pages and pictures.

mod build;
mod examples;
mod properties;
mod systems;

use super::{diagram, markdown};

/// Pages and pictures as they are expected. `GROMA_UPDATE_EXPECTED=1` writes them anew.
#[test]
fn as_expected() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/docs");
    let update = std::env::var_os("GROMA_UPDATE_EXPECTED").is_some();
    let mut wrong = Vec::new();
    for (name, world) in systems::all() {
        let scene = world.scene();
        let svg = format!("{name}.svg");
        for (file, text) in [(svg.clone(), diagram(&scene)), (format!("{name}.md"), markdown(&scene, &svg))] {
            let path = dir.join(&file);
            if update {
                std::fs::create_dir_all(&dir).unwrap();
                std::fs::write(&path, &text).unwrap();
            } else if std::fs::read_to_string(&path).unwrap_or_default() != text {
                wrong.push(file);
            }
        }
    }
    assert!(wrong.is_empty(), "not as expected: {wrong:?}; look, then run with GROMA_UPDATE_EXPECTED=1");
}
