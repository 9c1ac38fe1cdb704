//! What must hold of pages and pictures.

mod build;
mod examples;
mod properties;
mod systems;

use super::{Proof, Proven, diagram, markdown};
use crate::flow::FlowEnd;
use crate::model::{ComponentId, Kind};

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

/// The whole line of a text that has all parts.
fn line<'t>(text: &'t str, parts: &[&str]) -> &'t str {
    let found = text.lines().find(|l| parts.iter().all(|p| l.contains(p)));
    found.unwrap_or_else(|| panic!("no line has {parts:?} in\n{text}"))
}

#[test]
fn what_was_proved_is_told() {
    let (_, world) = systems::all().swap_remove(0);
    let mut scene = world.scene();
    let end = |kind, name: &str| FlowEnd::Component(ComponentId { kind, name: name.into() });
    let proven = |from, to, proof| Proven { from: end(Kind::Service, from), to, proof };
    let database = || end(Kind::Database, "main");
    scene.proofs = Some(vec![
        proven("web", database(), Proof::Works),
        proven("sockets", database(), Proof::Unknown),
        proven("worker", database(), Proof::Works),
        // The worst counts.
        proven("worker", database(), Proof::Blocked),
    ]);
    let (page, picture) = (markdown(&scene, "x.svg"), diagram(&scene));
    for (service, database, told, drawn) in [
        ("web", "main", "| proved |", "\" data-flow"),
        ("sockets", "main", "| not proved |", "stroke-dasharray=\"7 4\""),
        ("worker", "main", "| refuted |", "stroke=\"#b91c1c\" stroke-dasharray=\"2 3\""),
        ("web", "sessions", "| not in the network |", "stroke-opacity=\".5\""),
    ] {
        let kind = if database == "main" { "database" } else { "cache" };
        let row = page.lines().find(|l| {
            l.starts_with(&format!("| service {service} |")) && l.contains(&format!("| {kind} {database} |"))
        });
        assert!(row.is_some_and(|r| r.ends_with(told)), "{service}, {database}: {row:?}\n{page}");
        let wire = line(
            &picture,
            &["class=\"wire\"", &format!("data-flow=\"service.{service} -&gt; {kind}.{database}")],
        );
        assert!(wire.contains(drawn), "{wire}");
    }
    for word in ["proved", "not proved", "refuted", "not in the network"] {
        line(&picture, &["<text", &format!(">{word}</text>")]);
    }
    // Where nobody asked, nothing of it is said.
    let plain = diagram(&world.scene());
    assert!(!plain.contains("proved") && !plain.contains("stroke-opacity=\".5\""));
}
