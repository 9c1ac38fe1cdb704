//! The page.

use super::Scene;

/// The page of a scene.
pub(super) fn page(scene: &Scene<'_>, diagram_file: &str) -> String {
    format!("# {}\n\n![]({diagram_file})\n", scene.environment.slug)
}
