//! The examples' manifests.

use super::super::{Scene, diagram, markdown, settings};
use crate::compile::{Compiler, local_backend};
use crate::manifest::{EnvironmentInfo, Manifest};
use crate::model::NetworkRef;
use crate::record::{Live, Record, network_key, own_key};
use groma_lang::{Diagnostics, Sources};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

/// The manifests of the examples, with all their environments up.
fn all() -> Vec<(Manifest, Record)> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(examples()).unwrap() {
        let dir = entry.unwrap().path();
        if !dir.join("groma.hcl").exists() {
            continue;
        }
        let mut diags = Diagnostics::new();
        let Some(m) = Manifest::load(&dir, &Sources::default(), &mut diags) else {
            panic!("{}: {diags:?}", dir.display());
        };
        let mut record = Record::default();
        for (i, name) in m.networks.keys().enumerate() {
            record.addresses.insert(network_key(name), format!("10.{i}.0.0/16").parse().unwrap());
        }
        for info in m.environments() {
            let env = m.environment(&info.name, label(info)).unwrap();
            record.addresses.insert(own_key(&env.slug), "10.99.0.0/16".parse().unwrap());
            let live = Live { name: info.name.clone(), label: env.label.clone(), ..Live::default() };
            record.environments.insert(env.slug.clone(), live);
        }
        out.push((m, record));
    }
    out
}

fn label(info: &EnvironmentInfo) -> Option<&'static str> {
    info.each.as_ref().map(|_| "fix-login")
}

/// Every environment of every example has a page, and a picture in which nothing
/// overlaps. `GROMA_LOOK=DIR` writes them there.
#[test]
fn every_environment() {
    let look = std::env::var_os("GROMA_LOOK").map(PathBuf::from);
    let mut seen = 0;
    for (m, record) in all() {
        for info in m.environments() {
            let env = m.environment(&info.name, label(info)).unwrap();
            let scene = Scene::new(&m, &env, &record).unwrap();
            let name = format!("{}-{}", m.platform.name, env.slug);
            super::properties::check(&scene, &name);
            let svg = diagram(&scene);
            let md = markdown(&scene, &format!("{name}.svg"));
            assert!(md.contains(&format!("# {}: {}", m.platform.name, env.slug)), "{md}");
            assert!(!scene.neighbours.contains(&env.slug), "{name}");
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

/// The text between the first `from` and the next `to`.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from).map_or("", |(_, r)| r);
    rest.split_once(to).map_or(rest, |(b, _)| b)
}

/// What the page says of settings, NAT and endpoints is what is compiled.
#[test]
fn as_compiled() {
    let backend = |root: &str| local_backend("../../state", root);
    let mut compared = 0;
    for (m, record) in all() {
        for info in m.environments() {
            let env = m.environment(&info.name, label(info)).unwrap();
            let scene = Scene::new(&m, &env, &record).unwrap();
            let roots = Compiler { manifest: &m, record: &record, backend: &backend }.roots(&env).unwrap();
            let text = |name: &str, file: &str| {
                let root = roots.iter().find(|r| r.name == name).unwrap();
                String::from_utf8(root.files.get(file).cloned().unwrap_or_default()).unwrap()
            };
            let files = text(&env.slug, "services.tf") + &text(&env.slug, "functions.tf");
            for (id, names) in settings::all(&scene) {
                let start = format!("module \"{}_{}\" {{", id.kind.keyword(), id.name.replace('-', "_"));
                let block = between(&files, &start, "\n}\n");
                assert!(!block.is_empty(), "{}: {start}", env.slug);
                // Keys in capitals are settings and secrets.
                let words: Vec<&str> = block.split_whitespace().collect();
                let keys: BTreeSet<&str> = words
                    .windows(2)
                    .filter(|w| w[1] == "=")
                    .map(|w| w[0])
                    .filter(|k| k.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_'))
                    .collect();
                let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
                assert_eq!(names, keys, "{} {id}", env.slug);
                compared += 1;
            }
            let network = match &env.network {
                NetworkRef::Named(n) => text(&format!("network-{n}"), "network.tf"),
                NetworkRef::Own => text(&env.slug, "network.tf"),
            };
            let nat = match between(&network, "nat ", "\n").trim_start_matches([' ', '=']) {
                "\"none\"" => 0,
                "\"single\"" => 1,
                "\"zonal\"" => u32::from(scene.network.zones),
                other => panic!("{}: {other:?}", env.slug),
            };
            assert_eq!(scene.nat_gateways, nat, "{}", env.slug);
            let list = between(&network, "interface_endpoints", "]");
            let endpoints: BTreeSet<String> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
            assert_eq!(scene.endpoints, endpoints, "{}", env.slug);
        }
    }
    assert!(compared >= 20, "{compared} clients");
}
