//! What references mean: rights, triggers, attributes.

use super::decode::Context;
use super::names;
use super::spec::{self, or};
use super::text::Text;
use super::value::{Reference, Step};
use crate::model::{ComponentId, Kind, ModuleInput, Port, Trigger, UseTarget};
use crate::schedule;
use groma_lang::{Diagnostic, diag};

type Found<T> = Result<T, Diagnostic>;

fn error(r: &Reference, summary: &str, detail: impl Into<String>) -> Diagnostic {
    Diagnostic::error(summary, detail).at(r.span)
}

/// The component that a reference begins with, and the steps after its name.
fn component<'r>(r: &'r Reference, kind: Kind, context: &Context<'_>) -> Found<(ComponentId, &'r [Step])> {
    let keyword = kind.keyword();
    let Some((first, rest)) = r.steps.split_first() else {
        return Err(error(
            r,
            "Incomplete reference",
            format!("{keyword} alone refers to nothing. Add a name: {keyword}.NAME."),
        ));
    };
    let name = first.text();
    known(r, keyword, name, context)?;
    let id = ComponentId { kind, name: name.to_owned() };
    context.present(&id, r)?;
    Ok((id, rest))
}

/// Refuses what is not declared.
fn known(r: &Reference, keyword: &str, name: &str, context: &Context<'_>) -> Found<()> {
    if context.names.has(keyword, name) {
        return Ok(());
    }
    Err(error(
        r,
        "Unknown reference",
        format!("{keyword}.{name} is not declared. {}", context.names.remedy(keyword, name)),
    ))
}

/// The name of the block that a reference of one of these keywords refers to.
pub(crate) fn block(r: &Reference, keywords: &[&str], context: &Context<'_>) -> Found<String> {
    let forms: Vec<String> = keywords.iter().map(|k| format!("{k}.NAME")).collect();
    if !keywords.contains(&r.root.as_str()) {
        return Err(error(
            r,
            "Wrong reference",
            format!("Here {} is expected, and this is {r}.", or(&forms)),
        ));
    }
    match &r.steps[..] {
        [] => Err(error(
            r,
            "Incomplete reference",
            format!("{0} alone refers to nothing. Add a name: {0}.NAME.", r.root),
        )),
        [name] => {
            known(r, &r.root, name.text(), context)?;
            if let Some(kind) = spec::block(&r.root).and_then(|b| b.kind) {
                context.present(&ComponentId { kind, name: name.text().to_owned() }, r)?;
            }
            Ok(name.text().to_owned())
        }
        [name, ..] => Err(error(
            r,
            "Wrong reference",
            format!(
                "Here {0}.{1} is meant as a whole. Write {0}.{1}, without what follows.",
                r.root,
                name.text()
            ),
        )),
    }
}

/// An element of `uses`.
pub(crate) fn used(r: &Reference, context: &Context<'_>) -> Found<UseTarget> {
    match r.root.as_str() {
        "internet" => internet(r, context),
        "environment" => elsewhere(r, context),
        root => {
            let Some(block) = spec::block(root).filter(|b| b.kind.is_some() && !b.rights.is_empty()) else {
                return Err(error(
                    r,
                    "Nothing to use",
                    format!(
                        "{} {root} cannot be used. Used are {}, environment.NAME.service.NAME and internet.",
                        if spec::article(root) == "an" { "An" } else { "A" },
                        names::usable().join(", "),
                    ),
                ));
            };
            let (id, rest) = component(r, block.kind.unwrap_or(Kind::Service), context)?;
            let choices: Vec<String> = block.rights.iter().map(|r| format!("{id}.{}", r.word())).collect();
            let right = match rest {
                [] => block.default_right.ok_or_else(|| {
                    error(
                        r,
                        "Missing right",
                        format!("What may be done with {id} is not said. Write {}.", or(&choices)),
                    )
                })?,
                [word] => *block.rights.iter().find(|r| r.word() == word.text()).ok_or_else(|| {
                    error(
                        r,
                        "Unknown right",
                        format!(
                            "{} {root} has no right \"{}\". Write {}.",
                            if spec::article(root) == "an" { "An" } else { "A" },
                            word.text(),
                            or(&choices)
                        ),
                    )
                })?,
                _ => {
                    return Err(error(
                        r,
                        "Wrong reference",
                        format!("After the right nothing follows. Write {}.", or(&choices)),
                    ));
                }
            };
            Ok(UseTarget::Component { id, right })
        }
    }
}

fn internet(r: &Reference, context: &Context<'_>) -> Found<UseTarget> {
    let tcp = |port| Port { protocol: "tcp".into(), port };
    let forms = "Write internet, internet.host[\"api.example.com\"] or internet.port[\"tcp/25\"].";
    match &r.steps[..] {
        [] => Ok(UseTarget::Internet { host: None, ports: vec![tcp(80), tcp(443)] }),
        [Step::Name(what), Step::Index(value)] if what == "host" => {
            Text::Host.check(value, context.dir).map_err(|w| error(r, w.0, w.1))?;
            Ok(UseTarget::Internet { host: Some(value.clone()), ports: vec![tcp(443)] })
        }
        [Step::Name(what), Step::Index(value)] if what == "port" => {
            let port = value
                .split_once('/')
                .filter(|(protocol, _)| matches!(*protocol, "tcp" | "udp"))
                .and_then(|(protocol, port)| {
                    let port = port.parse::<u16>().ok().filter(|p| *p > 0)?;
                    Some(Port { protocol: protocol.to_owned(), port })
                })
                .ok_or_else(|| {
                    error(r, "Wrong port", format!("{value:?} is not a port with its protocol, such as \"tcp/25\" or \"udp/123\": tcp or udp, a slash, and a number from 1 to 65535."))
                })?;
            Ok(UseTarget::Internet { host: None, ports: vec![port] })
        }
        _ => Err(error(r, "Wrong reference", format!("{r} is no part of the internet. {forms}"))),
    }
}

fn elsewhere(r: &Reference, context: &Context<'_>) -> Found<UseTarget> {
    let [environment, kind, service] = &r.steps[..] else {
        return Err(error(
            r,
            "Wrong reference",
            "Of another environment, a service may be used: environment.NAME.service.NAME.",
        ));
    };
    let environment = environment.text();
    known(r, "environment", environment, context)?;
    if kind.text() != "service" {
        return Err(error(
            r,
            "Wrong reference",
            format!(
                "Only services of another environment may be used, and this is a {}. Give {environment} a service in front \
                 of it, and use that.",
                kind.text()
            ),
        ));
    }
    known(r, "service", service.text(), context)?;
    Ok(UseTarget::Elsewhere { environment: environment.to_owned(), service: service.text().to_owned() })
}

/// What starts a function.
pub(crate) fn trigger(r: &Reference, context: &Context<'_>) -> Found<Trigger> {
    if r.root == "schedule" {
        let [Step::Index(text)] = &r.steps[..] else {
            return Err(error(
                r,
                "Wrong reference",
                "A schedule stands in brackets and quotes: schedule[\"rate(5 minutes)\"].",
            ));
        };
        schedule::expression(text).map_err(|e| error(r, "Wrong schedule", e))?;
        return Ok(Trigger::Schedule(text.clone()));
    }
    let kind = spec::block(&r.root).and_then(|b| b.kind);
    match kind {
        Some(kind @ (Kind::Queue | Kind::Topic)) => {
            let (id, rest) = component(r, kind, context)?;
            if !rest.is_empty() {
                return Err(error(
                    r,
                    "Wrong reference",
                    format!("{id} as a whole starts functions. Write on = {id}."),
                ));
            }
            Ok(if kind == Kind::Queue { Trigger::Queue(id.name) } else { Trigger::Topic(id.name) })
        }
        Some(Kind::Bucket) => {
            let (id, rest) = component(r, Kind::Bucket, context)?;
            match rest {
                [e] if e.text() == "created" => Ok(Trigger::Created(id.name)),
                [e] if e.text() == "removed" => Ok(Trigger::Removed(id.name)),
                _ => Err(error(
                    r,
                    "Wrong event",
                    format!(
                        "What happens in the bucket is not said, or is none of these: {id}.created, {id}.removed."
                    ),
                )),
            }
        }
        _ => Err(error(
            r,
            "Wrong trigger",
            format!("{r} starts no functions. There are {}.", spec::Type::Trigger.describe()),
        )),
    }
}

/// A reference in the inputs of a module.
pub(crate) fn attribute(r: &Reference, context: &Context<'_>) -> Found<ModuleInput> {
    let path = |steps: &[Step]| {
        let mut path = vec![r.root.clone()];
        path.extend(steps.iter().map(|s| s.text().to_owned()));
        ModuleInput::Attribute(path)
    };
    let Some(block) = spec::block(&r.root) else {
        return Err(error(
            r,
            "Unknown attribute",
            format!(
                "{r} is nothing that a module can be given. There are attributes of components (queue.jobs.arn), network.vpc_id and the like, and environment.slug and the like."
            ),
        ));
    };
    let check = |name: &str, of: &str| -> Found<()> {
        let names = block.attributes.iter().map(|(n, _)| *n);
        if names.clone().any(|n| n == name) {
            return Ok(());
        }
        let remedy = match diag::suggest(name, names.clone()) {
            Some(near) => format!("Did you mean {of}.{near}?"),
            None => format!("There {}.", listed(&names.map(|n| format!("{of}.{n}")).collect::<Vec<_>>())),
        };
        Err(error(r, "Unknown attribute", format!("{of} has no attribute \"{name}\". {remedy}")))
    };
    let Some(kind) = block.kind else {
        return match &r.steps[..] {
            [name] if block.keyword == "network" => {
                check(name.text(), "network")?;
                Ok(path(&r.steps))
            }
            [name] if !block.attributes.is_empty() => {
                check(name.text(), block.keyword)?;
                Ok(path(&r.steps))
            }
            _ if block.keyword == "network" => Err(error(
                r,
                "Unknown attribute",
                "The environment's own network is meant, without a name: network.vpc_id.",
            )),
            _ => Err(error(r, "Unknown attribute", format!("{r} is nothing that a module can be given."))),
        };
    };
    let (id, rest) = component(r, kind, context)?;
    match rest {
        // The outputs of a module are its own affair.
        [_] if kind == Kind::Module => Ok(path(&r.steps)),
        [name] => {
            check(name.text(), &id.to_string())?;
            Ok(path(&r.steps))
        }
        [] => {
            let names: Vec<String> = block.attributes.iter().map(|(n, _)| format!("{id}.{n}")).collect();
            let there = if names.is_empty() {
                "It has none.".to_owned()
            } else {
                format!("There {}.", listed(&names))
            };
            Err(error(
                r,
                "Missing attribute",
                format!("A module is given an attribute of {id}, not {id} itself. {there}"),
            ))
        }
        _ => Err(error(r, "Unknown attribute", format!("Attributes of {id} have no parts."))),
    }
}

fn listed(names: &[String]) -> String {
    format!("{} {}", if names.len() == 1 { "is" } else { "are" }, spec::and(names))
}
