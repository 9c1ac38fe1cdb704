//! Nothing that a manifest says is without effect: each argument of the manifest that has
//! them all is taken away or given another value, and the root modules must differ.

use super::*;
use crate::manifest::spec::{self, Arg, BlockSpec, Type};
use groma_lang::ast::{Body, Expr, ExprKind};
use groma_lang::{Diagnostics, Sources, Span};
use std::path::Path;

const WHOLE: &str = include_str!("../../tests/everything.groma.hcl");

/// Arguments that root modules know nothing of, and where their effect is.
const ELSEWHERE: &[(&str, &str)] = &[
    ("environment.account", SECOND),
    ("environment.region", SECOND),
    ("network.account", SECOND),
    ("network.region", SECOND),
    ("platform.accounts.profile", SECOND),
    ("platform.accounts.role", SECOND),
    ("image.build", "whoever builds the image; here it is that there is a registry"),
    ("service.run", "for a machine image there is one way: see service.command"),
    ("environment.each", "the word for labels in messages and in the list of environments"),
    ("network.peers", "without it a connection to another network is refused"),
    ("environment.ttl", "what is remembered of an environment, and groma sweep"),
];

/// What needs a second account or region that environments are in.
const SECOND: &str = "accounts_and_regions_reach_providers";

/// Other values, where neither leaving it out nor the example of the reference makes a
/// manifest that loads and differs.
const OTHER: &[(&str, &str)] = &[
    ("service.memory", "2048"),
    ("platform.region", "\"eu-central-1\""),
    ("platform.accounts", "{ main = \"333333333333\", tools = \"222222222222\" }"),
    ("access.group", "\"sso:guests\""),
    ("bucket.cdn", "\"other.all.example\""),
    ("database.serverless.max", "16"),
    ("database.serverless.min", "1"),
    ("function.code", "\"functions/other\""),
    ("image.uri", "\"docker.io/library/nginx:1.28\""),
    ("job.image", "image.proxy"),
    ("job.schedule", "\"cron(0 7 * * ? *)\""),
    ("module.source", "\"example/find/aws\""),
    ("organization.units", "[\"work\", \"play\"]"),
    ("service.scale.cpu", "61"),
    ("vpn.cidrs", "[\"192.168.1.0/24\"]"),
    ("vpn.peer", "\"203.0.113.11\""),
];

/// What can only be changed together, here.
const TOGETHER: &[(&str, &[(&str, &str)])] = &[
    ("queue.fifo", &[("fifo = true", "fifo = false")]),
    ("topic.fifo", &[("fifo = true", "fifo = false")]),
    ("platform.accounts.id", &[("222222222222", "333333333333")]),
    ("service.scale.backlog", &[("backlog = queue.jobs, each = 20", "cpu = 50")]),
    ("edge.kind", &[("kind  = \"waf\"", "kind  = \"cloudflare\""), ("  rate  =", "  # rate  =")]),
    ("image.architecture", &[("architecture = \"arm64\"", "architecture = \"x86_64\""), ("m7g.", "m7i.")]),
];

type Files = BTreeMap<String, Vec<u8>>;

/// The files of all root modules, of environments that are up or of parked ones.
fn compiled(text: &str, dir: &Path, parked: bool) -> Option<Files> {
    std::fs::write(dir.join("groma.hcl"), text).expect("written");
    let sources = Sources::new();
    let mut diags = Diagnostics::new();
    let m = Manifest::load(dir, &sources, &mut diags)?;
    let mut out = BTreeMap::new();
    let backend = |root: &str| match &m.platform.state {
        StateLocation::S3 { bucket, region, prefix } => s3_backend(bucket, region, prefix, root),
        StateLocation::Local => local_backend("../../state", root),
    };
    let mut record = Record::default();
    let labelled: Vec<(String, Option<&str>)> =
        m.environments().iter().map(|i| (i.name.clone(), i.each.as_ref().map(|_| "fix-login"))).collect();
    let mut all = Vec::new();
    for (name, label) in labelled {
        let env = m.environment(&name, label).expect("an environment");
        let live = Live { name, label: label.map(str::to_owned), parked, since: 1, ..Live::default() };
        record.environments.insert(env.slug.clone(), live);
        all.push(env);
    }
    allocate(&m, &mut record).expect("addresses");
    let compiler = Compiler { manifest: &m, record: &record, backend: &backend };
    for env in &all {
        for root in compiler.roots(env).expect("root modules") {
            for (file, bytes) in root.files {
                out.insert(format!("{}/{file}", root.name), bytes);
            }
        }
    }
    Some(out)
}

/// An argument as it is written somewhere.
struct Written<'a> {
    /// `service.scale.cpu`
    path: String,
    arg: &'a Arg,
    /// Name, sign and value.
    all: Span,
    value: Span,
}

fn objects(ty: &Type) -> &[Arg] {
    match ty {
        Type::Object(args) => args,
        Type::List(inner) | Type::Map(inner) => objects(inner),
        Type::Either(all) => all.iter().map(objects).find(|a| !a.is_empty()).unwrap_or_default(),
        _ => &[],
    }
}

fn within<'a>(path: &str, args: &'a [Arg], e: &Expr, out: &mut Vec<Written<'a>>) {
    let ExprKind::Object(items) = &e.kind else { return };
    for i in items {
        let name = match &i.key.kind {
            ExprKind::Literal(v) => v.as_str().unwrap_or_default(),
            _ => "",
        };
        match args.iter().find(|a| a.name == name) {
            Some(arg) => out.push(Written {
                path: format!("{path}.{name}"),
                arg,
                all: i.key.span.to(i.value.span),
                value: i.value.span,
            }),
            // Names of the user's choice.
            None => within(path, args, &i.value, out),
        }
    }
}

fn written<'a>(spec: &'a BlockSpec, body: &Body, out: &mut Vec<Written<'a>>) {
    for a in &body.attributes {
        let Some(arg) = spec.args.iter().find(|x| x.name == &*a.name.name) else { continue };
        let path = format!("{}.{}", spec.keyword, arg.name);
        within(&path, objects(&arg.ty), &a.expr, out);
        out.push(Written { path, arg, all: a.span, value: a.expr.span });
    }
}

fn put(text: &str, at: Span, new: &str) -> String {
    let (from, to) = (at.start as usize, at.end as usize);
    format!("{}{new}{}", &text[..from], &text[to..])
}

/// A directory with the files that the manifest names.
fn directory() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    for (name, text) in [
        ("functions/thumbnail/index.mjs", "export const handler = async () => {}\n"),
        ("functions/other/index.mjs", "export const handler = async () => null\n"),
        ("images/app.yml", "- hosts: all\n"),
        ("containers/api/Dockerfile", "FROM scratch\n"),
        ("services/api/Dockerfile", "FROM scratch\n"),
        ("scripts/start.sh", "#!/bin/sh\n"),
    ] {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    dir
}

/// Whether some other value of an argument makes another output; nothing if no other
/// value makes a manifest that loads.
fn has_effect(places: &[&Written<'_>], base: &[Files; 2], dir: &Path) -> Option<bool> {
    let mut tried = None;
    for (path, changes) in TOGETHER {
        if places.iter().any(|w| w.path == *path) {
            let text = changes.iter().fold(WHOLE.to_owned(), |t, (from, to)| t.replace(from, to));
            return compiled(&text, dir, false).map(|now| now != base[0]);
        }
    }
    for w in places {
        let other = OTHER.iter().filter(|(p, _)| *p == w.path).map(|(_, v)| *v);
        let values = other.chain([w.arg.example]).map(|v| put(WHOLE, w.value, v));
        for text in [put(WHOLE, w.all, "")].into_iter().chain(values).filter(|t| t != WHOLE) {
            // Most have an effect on what is up; parked ones are looked at if they have none.
            for (parked, base) in [false, true].into_iter().zip(base) {
                let Some(now) = compiled(&text, dir, parked) else { break };
                if now != *base {
                    return Some(true);
                }
                tried = Some(false);
            }
        }
    }
    tried
}

#[test]
fn every_argument_has_an_effect() {
    let sources = Sources::new();
    let file = sources.add("groma.hcl", WHOLE);
    let body = groma_lang::syntax::parse_file(&file, &mut Diagnostics::new());
    let mut all = Vec::new();
    for b in &body.blocks {
        let spec = spec::block(&b.ty.name).expect("a block of the manifest");
        // What is to be proved changes nothing of what is made.
        if spec.keyword != "prove" {
            written(spec, &b.body, &mut all);
        }
    }
    let mut places: BTreeMap<&str, Vec<&Written<'_>>> = BTreeMap::new();
    for w in &all {
        places.entry(&w.path).or_default().push(w);
    }
    let missing: Vec<String> = spec::BLOCKS
        .iter()
        .filter(|b| b.keyword != "prove")
        .flat_map(|b| b.args.iter().map(move |a| format!("{}.{}", b.keyword, a.name)))
        .filter(|p| !places.contains_key(p.as_str()))
        .collect();
    assert!(missing.is_empty(), "not in the manifest that has them all: {missing:?}");

    let dir = directory();
    let base = [false, true].map(|parked| compiled(WHOLE, dir.path(), parked).expect("it loads"));
    let queue = std::sync::Mutex::new(places.iter());
    let found = std::sync::Mutex::new(BTreeMap::new());
    std::thread::scope(|s| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            s.spawn(|| {
                let dir = directory();
                loop {
                    let next = queue.lock().expect("the queue").next();
                    let Some((path, places)) = next else { break };
                    let effect = has_effect(places, &base, dir.path());
                    found.lock().expect("what was found").insert(*path, effect);
                }
            });
        }
    });
    let found = found.into_inner().expect("what was found");
    let elsewhere = |path: &str| ELSEWHERE.iter().any(|(p, _)| *p == path);
    let with = |effect: Option<bool>| -> Vec<&str> {
        found.iter().filter(|(p, e)| **e == effect && !elsewhere(p)).map(|(p, _)| *p).collect()
    };
    assert!(with(Some(false)).is_empty(), "without effect: {:?}", with(Some(false)));
    assert!(with(None).is_empty(), "no other value makes a manifest that loads: {:?}", with(None));
    for (path, _) in ELSEWHERE {
        assert_ne!(found.get(path), Some(&Some(true)), "{path} has an effect here after all");
    }
}

/// The file of a root module as text.
fn text(files: &Files, name: &str) -> String {
    String::from_utf8_lossy(files.get(name).unwrap_or_else(|| panic!("no {name}"))).into_owned()
}

#[test]
fn instances_are_set_up_in_order() {
    let dir = directory();
    let files = compiled(WHOLE, dir.path(), false).expect("it loads");
    let services = text(&files, "prod/services.tf");
    let mut at = 0;
    for step in [
        "cat > /opt/groma/1-app.yml",
        "- hosts: all",
        "groma_playbook /opt/groma/1-app.yml",
        "cat > /opt/groma/2-script",
        "chmod 700 /opt/groma/2-script",
    ] {
        let found = services[at..].find(step).unwrap_or_else(|| panic!("no {step:?} in its place"));
        at += found;
    }
    // Without a setup, a script is what it is.
    let plain = WHOLE.replace("  setup        = [\"images/app.yml\"]\n", "");
    let files = compiled(&plain, dir.path(), false).expect("it loads");
    assert!(!text(&files, "prod/services.tf").contains("/opt/groma"));
}

#[test]
fn a_role_is_told_what_its_operations_concern() {
    let dir = directory();
    let access = |from: &str, to: &str| {
        let files = compiled(&WHOLE.replace(from, to), dir.path(), false).expect("it loads");
        text(&files, "prod/access.tf")
    };
    let may = "may     = [\"deploy\", \"scale\"]";
    let it = access("", "");
    for line in [
        "may           = [\"deploy\", \"scale\"]",
        "environment   = \"prod\"",
        "network       = \"main\"",
        "groups        = [\"all-prod-web\"]",
        "repository/all-api\"]",
        "parameters    = [\"/all/prod/web\"]",
        "bucket = \"all-state\"",
        "\"groma/groma-record\", \"groma/prod\", \"groma/network-main\"",
        "\"groma/platform\", \"groma/tools\"",
    ] {
        let squeezed = |s: &str| s.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(squeezed(&it).contains(&squeezed(line)), "no {line} in\n{it}");
    }
    // Who may do nothing gets nothing.
    assert!(!access(may, "").contains("operations"));
}

#[test]
fn accounts_and_regions_reach_providers() {
    const TEXT: &str = r#"
platform "p" {
  region = "eu-west-1"
  accounts = {
    main = "111111111111"
    team = { id = "222222222222", profile = "of-the-team", role = "arn:aws:iam::222222222222:role/groma" }
  }
}
network "n" {
  account = "team"
  region  = "eu-west-2"
}
environment "alone" {
  account = "team"
  region  = "eu-west-3"
}
environment "inside" {
  network = network.n
  account = "team"
  region  = "eu-west-2"
}
bucket "media" {}
"#;
    let dir = directory();
    let files = compiled(TEXT, dir.path(), false).expect("it loads");
    for (root, region) in [("alone", "eu-west-3"), ("inside", "eu-west-2"), ("network-n", "eu-west-2")] {
        let main = text(&files, &format!("{root}/main.tf"));
        for part in [region, "222222222222", "\"of-the-team\"", "arn:aws:iam::222222222222:role/groma"] {
            assert!(main.contains(part), "no {part} in {root}: {main}");
        }
    }
}
