//! The examples' manifests.

use super::super::{Scene, diagram, markdown};
use crate::manifest::Manifest;
use crate::record::{Live, Record, network_key, own_key};
use groma_lang::{Diagnostics, Sources};
use std::path::{Path, PathBuf};

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

/// Every environment of every example has a page, and a picture in which nothing
/// overlaps. `GROMA_LOOK=DIR` writes them there.
#[test]
fn every_environment() {
    let look = std::env::var_os("GROMA_LOOK").map(PathBuf::from);
    let mut seen = 0;
    for entry in std::fs::read_dir(examples()).unwrap() {
        let dir = entry.unwrap().path();
        if !dir.join("groma.hcl").exists() {
            continue;
        }
        let mut diags = Diagnostics::new();
        let Some(m) = Manifest::load(&dir, &Sources::default(), &mut diags) else {
            continue;
        };
        let mut record = Record::default();
        for (i, name) in m.networks.keys().enumerate() {
            record.addresses.insert(network_key(name), format!("10.{i}.0.0/16").parse().unwrap());
        }
        for info in m.environments() {
            let label = info.each.as_ref().map(|_| "fix-login");
            let env = m.environment(&info.name, label).unwrap();
            record.addresses.insert(own_key(&env.slug), "10.99.0.0/16".parse().unwrap());
            let live = Live { name: info.name.clone(), label: label.map(str::to_owned), ..Live::default() };
            record.environments.insert(env.slug.clone(), live);
        }
        for info in m.environments() {
            let label = info.each.as_ref().map(|_| "fix-login");
            let env = m.environment(&info.name, label).unwrap();
            let scene = Scene::new(&m, &env, &record).unwrap();
            let name = format!("{}-{}", m.platform.name, env.slug);
            super::properties::check(&scene, &name);
            let svg = diagram(&scene);
            let md = markdown(&scene, &format!("{name}.svg"));
            assert!(md.contains(&format!("# {}: {}", m.platform.name, env.slug)), "{md}");
            for n in &scene.neighbours {
                assert_ne!(*n, env.slug);
            }
            if let Some(look) = &look {
                std::fs::create_dir_all(look).unwrap();
                std::fs::write(look.join(format!("{name}.svg")), svg).unwrap();
                std::fs::write(look.join(format!("{name}.md")), md).unwrap();
            }
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen} environments");
}
