//! What environments are after `like`, `size` and overrides, and that the table and the
//! code agree.

use super::*;
use crate::model::*;
use groma_lang::diag_render::{RenderOptions, render_text};

const SAMPLE: &str = include_str!("../../tests/levels.groma.hcl");
const WHOLE: &str = include_str!("../../tests/everything.groma.hcl");

/// A directory with a manifest, and the files that manifests of these tests name.
fn directory(manifest: &str) -> tempfile::TempDir {
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
    write("scripts/start.sh", "#!/bin/sh\n");
    write("terraform/search/main.tf", "");
    dir
}

/// A manifest with its directory, which is there as long as this is.
struct Loaded(Manifest, #[allow(dead_code, reason = "it is there to be kept")] tempfile::TempDir);

impl std::ops::Deref for Loaded {
    type Target = Manifest;
    fn deref(&self) -> &Manifest {
        &self.0
    }
}

fn good(manifest: &str) -> Loaded {
    let dir = directory(manifest);
    let sources = Sources::new();
    let mut diags = Diagnostics::new();
    let manifest = Manifest::load(dir.path(), &sources, &mut diags);
    let text: String = diags.iter().map(|d| render_text(d, &sources, &RenderOptions::plain())).collect();
    assert_eq!(text, "");
    Loaded(manifest.expect("no diagnostics, so a manifest"), dir)
}

fn environment(m: &Manifest, name: &str) -> Environment {
    m.environment(name, None).expect("an environment")
}

/// A platform with a service of an image, and what else is said.
fn with(rest: &str) -> String {
    format!(
        "platform \"p\" {{\n  region = \"eu-west-1\"\n  accounts = {{ main = \"111111111111\" }}\n}}\n\
         image \"app\" {{\n  from = \"ubuntu-24.04-arm64\"\n  setup = [\"images/app.yml\"]\n}}\n{rest}"
    )
}

#[test]
fn the_sample_is_what_it_says() {
    let m = good(SAMPLE);
    assert_eq!(m.platform.name, "levels");
    let infos = m.environments();
    assert_eq!(infos.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(), ["prod", "staging", "branch"]);
    assert_eq!(infos[2].each.as_deref(), Some("branch"));
    assert_eq!((infos[2].ttl, infos[1].ttl), (Some(72 * 3600), None));
    assert_eq!(infos[2].network, NetworkRef::Named("shared".into()));
    assert_eq!(m.networks["prod"].zones, 4);
    assert_eq!(m.networks["shared"].zones, 3);
    assert_eq!(m.proves[0].never.len(), 3);

    let prod = environment(&m, "prod");
    let c = &prod.components;
    let web = &c.services["web"];
    assert!(prod.protect);
    assert_eq!((web.run, web.instance.as_str(), web.port), (Run::Instances, "t4g.small", Some(8080)));
    assert_eq!(web.hosts, ["app.levels.example"]);
    assert_eq!((web.scale.min, web.scale.max, web.scale.cpu), (2, 8, Some(60)));
    assert_eq!(web.uses.len(), 4);
    assert_eq!(c.services["worker"].port, None);
    assert_eq!(c.services["worker"].scale.backlog.as_deref(), Some("jobs"));
    let stripe = &c.services["worker"].uses[2].target;
    let port = Port { protocol: "tcp".into(), port: 443 };
    assert_eq!(*stripe, UseTarget::Internet { host: Some("api.stripe.com".into()), ports: vec![port] });
    assert_eq!((c.databases["main"].class.as_str(), c.databases["main"].readers), ("db.r7g.large", 1));
    assert_eq!(c.functions["thumbnail"].on[0].0, Trigger::Created("uploads".into()));
    assert_eq!(c.accesses["engineers"].ttl, 3600);

    let staging = environment(&m, "staging");
    let c = &staging.components;
    assert!(!staging.protect && staging.park.is_some() && (staging.size - 0.25).abs() < 1e-9);
    assert_eq!(c.services["web"].hosts, ["app.staging.levels.example"]);
    assert_eq!(c.buckets["media"].cdn.as_deref(), Some("media.staging.levels.example"));
    assert_eq!((c.services["web"].scale.min, c.services["web"].scale.max), (1, 2));
    assert_eq!((c.services["worker"].scale.min, c.services["worker"].scale.max), (1, 3));
    assert_eq!((c.databases["main"].class.as_str(), c.databases["main"].readers), ("db.t4g.medium", 0));

    let branch = m.environment("branch", Some("Fix/Login")).expect("one of many");
    assert_eq!((branch.slug.as_str(), branch.label.as_deref()), ("branch-fix-login", Some("fix-login")));
    assert_eq!(branch.components.services["web"].hosts, ["app.branch-fix-login.levels.example"]);
    assert!(branch.park.is_none());
    assert_eq!(branch.components.services["web"].scale.max, 2, "what it is like is a quarter already");
}

#[test]
fn labels_and_names_of_environments() {
    let m = good(SAMPLE);
    let said = |name: &str, label: Option<&str>| m.environment(name, label).expect_err("an error").detail;
    assert!(said("stagin", None).contains("Did you mean \"staging\"?"));
    assert!(said("branch", None).contains("-each=LABEL"));
    assert!(said("prod", Some("x")).contains("Leave -each=x out"));
    assert!(said("branch", Some("!!")).contains("neither a letter"));
    let long = m.environment("branch", Some("a-label-that-is-very-long")).expect("shortened");
    assert_eq!((long.slug.len(), &long.slug[..15]), (19, "branch-a-label-"));
}

#[test]
fn objects_of_overrides_are_merged_and_not_multiplied() {
    let m = good(&with(
        r#"
environment "prod" {
  service "web" { settings = { A = "prod", B = 2 } }
}
environment "staging" {
  like = environment.prod
  size = 0.5
  service "web" {
    scale    = { min = 3 }
    settings = { A = "staging" }
  }
}
environment "small" {
  like = environment.staging
  size = 0.5
}
service "web" {
  image    = image.app
  host     = "app.p.example"
  scale    = { min = 4, max = 16, cpu = 60 }
  settings = { A = "all", C = true }
}
"#,
    ));
    let scale = |name: &str| {
        let e = environment(&m, name);
        let s = &e.components.services["web"];
        (s.scale.min, s.scale.max, s.scale.cpu, s.settings.clone())
    };
    let settings = |a: &str| {
        [("A", a), ("B", "2"), ("C", "true")].map(|(k, v)| (k.to_owned(), v.to_owned())).into_iter().collect()
    };
    assert_eq!(scale("prod"), (4, 16, Some(60), settings("prod")));
    assert_eq!(scale("staging"), (3, 8, Some(60), settings("staging")));
    assert_eq!(scale("small"), (2, 4, Some(60), settings("staging")));
}

#[test]
fn environments_take_over_what_they_do_not_say() {
    let m = good(&with(
        r#"
network "a" {}
environment "prod" {
  network = network.a
  park    = "Sat-Sun"
  hosts   = { web = "www.p.example" }
}
environment "same" { like = environment.prod }
environment "alone" {
  like    = environment.prod
  network = null
  zones   = 2
}
environment "tiny" { like = environment.alone }
service "web" {
  image = image.app
  host  = "app.p.example"
}
"#,
    ));
    assert_eq!(environment(&m, "same").network, NetworkRef::Named("a".into()));
    assert!(environment(&m, "same").park.is_none());
    assert_eq!(environment(&m, "prod").components.services["web"].hosts, ["www.p.example"]);
    assert_eq!(environment(&m, "same").components.services["web"].hosts, ["app.same.p.example"]);
    let tiny = environment(&m, "tiny");
    assert_eq!((tiny.network, tiny.own_network.zones), (NetworkRef::Own, 2));
}

#[test]
fn expressions_know_the_environment() {
    let m = good(&with(
        r#"
environment "prod" {}
environment "dev" { like = environment.prod }
service "web" {
  image = image.app
  host  = "app-${environment.slug}.p.example"
  scale = environment.name == "prod" ? 4 : 1
  uses  = concat([queue.jobs.send], environment.name == "prod" ? [internet] : [])
}
queue "jobs" {}
"#,
    ));
    let web = |name: &str| {
        let e = environment(&m, name);
        let s = &e.components.services["web"];
        (s.hosts.clone(), s.scale.min, s.uses.len())
    };
    assert_eq!(web("prod"), (vec!["app-prod.p.example".to_owned()], 4, 2));
    assert_eq!(web("dev"), (vec!["app-dev.p.example".to_owned()], 1, 1));
}

#[test]
fn a_port_is_there_where_something_connects() {
    let m = good(&with(
        r#"
environment "dev" {}
service "api" { image = image.app }
service "worker" {
  image = image.app
  uses  = [service.api]
}
"#,
    ));
    let c = environment(&m, "dev").components;
    assert_eq!((c.services["api"].port, c.services["worker"].port), (Some(8080), None));
}

#[test]
fn every_argument_of_the_table_is_read() {
    let m = good(WHOLE);
    let e = environment(&m, "prod");
    let kinds: BTreeSet<Kind> = e.components.ids().map(|id| id.kind).collect();
    let all: BTreeSet<Kind> = spec::BLOCKS.iter().filter_map(|b| b.kind).collect();
    assert_eq!(kinds, all, "the manifest has something of each kind");
    fn unread(args: &'static [spec::Arg], of: &str, out: &mut Vec<String>) {
        for a in args {
            if !decode::read_names::was(args, a.name) {
                out.push(format!("{of}.{}", a.name));
            }
            if let Some(fields) = a.ty.fields() {
                unread(fields, &format!("{of}.{}", a.name), out);
            }
        }
    }
    let mut out = Vec::new();
    for b in spec::BLOCKS {
        unread(b.args, b.keyword, &mut out);
    }
    assert_eq!(out, Vec::<String>::new());
}

/// Every example of the table is what the table says.
#[test]
fn examples_of_the_table_fit() {
    for b in spec::BLOCKS {
        for a in b.all_args() {
            check_example(a, b.keyword);
        }
    }
}

fn check_example(a: &'static spec::Arg, of: &str) {
    let sources = Sources::new();
    let mut diags = Diagnostics::new();
    let file = sources.add("example", a.example);
    let expr = groma_lang::syntax::parse_expr(&file, &mut diags).expect("an expression");
    let dir = directory("");
    for d in ["services/api", "images", "functions/thumbnail", "terraform/search", "scripts"] {
        std::fs::create_dir_all(dir.path().join(d)).expect("made");
    }
    let mut names = names::Names::default();
    for r in expr.references() {
        let mut parts = r.steps.iter().map(|s| match s {
            groma_lang::ast::TraversalStep::Attr(i) => i.name.to_string(),
            groma_lang::ast::TraversalStep::Index(v, _) => v.as_str().unwrap_or_default().to_owned(),
        });
        let mut root = r.root.name.to_string();
        while let (Some(b), Some(name)) = (spec::block(&root), parts.next()) {
            names.insert(b.keyword, &name);
            root = parts.next().unwrap_or_default();
        }
    }
    let scope = evaluate::Scope::new(dir.path());
    let context = decode::Context { dir: dir.path(), names: &names, scope: &scope, environment: None };
    let value = scope.value(&expr, &mut diags);
    let fitted = value.and_then(|v| decode::fit(v, &a.ty, a.name, &context, &mut diags));
    let text: String = diags.iter().map(|d| render_text(d, &sources, &RenderOptions::plain())).collect();
    assert!(fitted.is_some() && text.is_empty(), "{of}.{}: {text}", a.name);
    for f in a.ty.fields().unwrap_or(&[]) {
        check_example(f, a.name);
    }
}
