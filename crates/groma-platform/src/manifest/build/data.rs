//! Databases, caches, queues, topics, streams, buckets, secrets, mail.

use super::Parts;
use crate::manifest::decode::named;
use crate::manifest::facts;
use crate::manifest::value::ValKind;
use crate::model::*;
use groma_lang::Diagnostics;

/// The class of a database that names none.
const CLASS: &str = "db.t4g.medium";

pub(super) fn database(p: &Parts<'_>, diags: &mut Diagnostics) -> Option<Database> {
    let a = p.args;
    let engine = a.text("engine")?;
    let aurora = engine.starts_with("aurora");
    let refuse = |name: &str, detail: String, diags: &mut Diagnostics| {
        if a.get(name).is_some() {
            diags.error(a.span(name), "Argument without meaning", detail);
        }
    };
    if aurora {
        refuse("storage", format!("The storage of {engine} grows by itself. Remove \"storage\"."), diags);
    } else {
        refuse(
            "readers",
            format!(
                "{engine} has no readers here. Remove \"readers\", or write an engine such as \"aurora-{}\".",
                if engine.starts_with("postgres") { "postgresql-16" } else { "mysql-8.0" }
            ),
            diags,
        );
        refuse(
            "serverless",
            format!("{engine} has no serverless capacity. Remove \"serverless\", or write an Aurora engine."),
            diags,
        );
    }
    if a.get("serverless").is_some() {
        refuse(
            "size",
            "A serverless database has no class: \"serverless\" says how large it is. Remove one of them."
                .into(),
            diags,
        );
    }
    let class = a.text("size").unwrap_or_else(|| CLASS.to_owned());
    if aurora && ["micro", "small"].iter().any(|s| class.ends_with(&format!(".{s}"))) {
        diags.error(
            a.span("size"),
            "Class too small",
            format!("Aurora has no instances as small as {class}. Write \"{CLASS}\" or a larger class."),
        );
    }
    let readers = f64::from(p.whole("readers")) * p.layers.share_of(a, "readers");
    Some(Database {
        name: p.name.to_owned(),
        class: facts::smaller_database(&class, p.layers.share_of(a, "size")),
        readers: readers.floor() as u32,
        database: a.text("database").unwrap_or_default(),
        storage: p.whole("storage"),
        serverless: serverless(p, diags),
        backup_days: p.whole("backup_days"),
        parameters: a.map("parameters"),
        restore: a.text("restore"),
        span: a.span,
        engine,
    })
}

fn serverless(p: &Parts<'_>, diags: &mut Diagnostics) -> Option<(f64, f64)> {
    let s = p.args.object("serverless")?;
    if !s.complete(diags) {
        return None;
    }
    let (min, max) = (s.number("min")?, s.number("max")?);
    for (name, n) in [("min", min), ("max", max)] {
        if (n * 2.0).fract() != 0.0 {
            diags.error(
                s.span(name),
                "Value out of range",
                format!("Capacity goes in steps of 0.5, and {n} is none. Write {}.", (n * 2.0).ceil() / 2.0),
            );
        }
    }
    if min > max {
        diags.error(s.span("max"), "Least above most", format!("At least {min} and at most {max} units cannot be. Write a max of at least {min}, or a smaller min."));
    }
    let layer = |name: &str| s.get(name).map_or(0, |v| v.layer);
    let part = |n: f64, layer: usize| (n * p.layers.share(layer) * 2.0).ceil() / 2.0;
    let min = if min == 0.0 { 0.0 } else { part(min, layer("min")).clamp(0.5, 256.0) };
    // One unit is the least that AWS takes for the most.
    Some((min, part(max, layer("max")).clamp(min.max(1.0), 256.0)))
}

pub(super) fn cache(p: &Parts<'_>) -> Cache {
    let a = p.args;
    let node = a.text("size").unwrap_or_default();
    let replicas = f64::from(p.whole("replicas")) * p.layers.share_of(a, "replicas");
    Cache {
        name: p.name.to_owned(),
        engine: a.text("engine").unwrap_or_default(),
        node: facts::smaller_cache(&node, p.layers.share_of(a, "size")),
        replicas: replicas.floor() as u32,
        shards: p.whole("shards"),
        backup_days: p.whole("backup_days"),
        span: a.span,
    }
}

pub(super) fn queue(p: &Parts<'_>) -> Queue {
    Queue {
        name: p.name.to_owned(),
        fifo: p.args.flag("fifo"),
        visibility: p.whole("visibility"),
        retention_days: p.whole("retention_days"),
        retries: p.whole("retries"),
        span: p.args.span,
    }
}

pub(super) fn topic(p: &Parts<'_>) -> Topic {
    let subscriber = |v: &crate::manifest::value::Val| match &v.kind {
        ValKind::Ref(_) => named(v).map(Subscriber::Queue),
        ValKind::Text(t) => Some(match t.strip_prefix("email:") {
            Some(address) => Subscriber::Email(address.to_owned()),
            None => Subscriber::Https(t.clone()),
        }),
        _ => None,
    };
    Topic {
        name: p.name.to_owned(),
        fifo: p.args.flag("fifo"),
        to: p.args.elements("to").iter().filter_map(|v| Some((subscriber(v)?, v.span))).collect(),
        span: p.args.span,
    }
}

pub(super) fn stream(p: &Parts<'_>) -> Stream {
    Stream {
        name: p.name.to_owned(),
        version: p.args.text("version").unwrap_or_default(),
        brokers_per_zone: p.whole("brokers"),
        instance: p.args.text("size").unwrap_or_default(),
        storage: p.whole("storage"),
        span: p.args.span,
    }
}

pub(super) fn bucket(p: &Parts<'_>, diags: &mut Diagnostics) -> Bucket {
    let a = p.args;
    let copy = a.named("copy");
    if copy.is_some() && !a.flag("versions") {
        diags.error(
            a.span("versions"),
            "Copy without versions",
            "AWS copies objects only from a bucket that keeps versions. Remove versions = false, or copy.",
        );
    }
    if a.get("edge").is_some() && a.get("cdn").is_none() {
        diags.error(
            a.span("edge"),
            "Edge without a CDN",
            "An edge stands in front of a CDN, and the bucket has none. Add cdn = \"HOST\", or remove edge.",
        );
    }
    Bucket {
        name: p.name.to_owned(),
        versions: a.flag("versions"),
        expire_days: p.whole("expire_days"),
        cdn: a.text("cdn"),
        copy,
        cors: a.texts("cors"),
        edge: a.named("edge"),
        span: a.span,
    }
}

pub(super) fn secret(p: &Parts<'_>) -> Secret {
    Secret {
        name: p.name.to_owned(),
        description: p.args.text("description").unwrap_or_default(),
        span: p.args.span,
    }
}

pub(super) fn mail(p: &Parts<'_>) -> Mail {
    Mail { name: p.name.to_owned(), domain: p.args.text("domain").unwrap_or_default(), span: p.args.span }
}
