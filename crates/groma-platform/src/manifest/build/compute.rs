//! Services, functions, jobs.

use super::Parts;
use crate::manifest::value::ValKind;
use crate::manifest::{facts, reference};
use crate::model::*;
use groma_lang::{Diagnostics, Span};
use std::path::PathBuf;

pub(super) fn service(p: &Parts<'_>, diags: &mut Diagnostics) -> Option<Service> {
    let a = p.args;
    let image = image(p)?;
    let machine = match &image.source {
        ImageSource::Machine { architecture, .. } | ImageSource::Ami { architecture, .. } => {
            Some(architecture.as_str())
        }
        _ => None,
    };
    let run = match a.text("run").as_deref() {
        Some("instances") => Run::Instances,
        Some("fargate") => Run::Fargate,
        Some("containers") => Run::Containers,
        _ if machine.is_some() => Run::Instances,
        _ => Run::Fargate,
    };
    if (run == Run::Instances) != machine.is_some() {
        let (is, run) = match machine {
            Some(_) => ("a machine image", "instances"),
            None => ("a container image", "fargate"),
        };
        diags.error(
            a.span("run"),
            "Image of another kind",
            format!("image.{} is {is}, which does not run so. Write run = \"{run}\", or give the service another image.", image.name),
        );
        return None;
    }
    let instance = instance(p, machine, diags);
    let (cpu, memory) = power(p, run == Run::Fargate, diags);
    only_for(p, run, diags);
    let script = a.text("script").and_then(|f| match std::fs::read_to_string(p.context.dir.join(&f)) {
        Ok(text) => Some(text),
        Err(e) => {
            diags.error(
                a.span("script"),
                "Unreadable script",
                format!("The file {f:?} cannot be read as text: {e}. Write another, or correct it."),
            );
            None
        }
    });
    Some(Service {
        name: p.name.to_owned(),
        run,
        instance,
        cpu,
        memory,
        command: p.words("command"),
        hosts: a.texts("host"),
        paths: a.texts("path"),
        port: a.whole("port").and_then(|n| u16::try_from(n).ok()),
        health: a.text("health").unwrap_or_default(),
        scale: scale(p, diags),
        uses: p.uses("uses"),
        settings: a.map("settings"),
        idle: p.whole("idle"),
        drain: p.whole("drain"),
        sticky: a.flag("sticky"),
        volume: p.whole("volume"),
        spot: a.flag("spot"),
        script,
        edge: a.named("edge"),
        log_days: p.whole("log_days"),
        span: a.span,
        image,
    })
}

/// The image that is named; without it something is wrong with that, which was said.
fn image(p: &Parts<'_>) -> Option<Image> {
    p.m.images.get(&p.args.named("image")?).cloned()
}

fn instance(p: &Parts<'_>, machine: Option<&str>, diags: &mut Diagnostics) -> String {
    let Some(size) = p.args.text("size") else {
        // Containers share instances, which have to be larger.
        return machine.map_or("t4g.medium", facts::default_instance).to_owned();
    };
    let architecture = facts::architecture(&size);
    if let Some(of_image) = machine.filter(|m| *m != architecture) {
        diags.error(
            p.args.span("size"),
            "Another architecture",
            format!(
                "{size} is of {architecture} and the image of {of_image}. Write a type such as {}, or give the service an \
                 image of {architecture}.",
                facts::default_instance(of_image)
            ),
        );
    }
    size
}

/// Processor units and memory of a container.
fn power(p: &Parts<'_>, fargate: bool, diags: &mut Diagnostics) -> (u32, u32) {
    let a = p.args;
    let (cpu, memory) = match (a.whole("cpu"), a.whole("memory")) {
        (None, None) => (256, 512),
        (Some(cpu), None) => (cpu, cpu * 2),
        (None, Some(memory)) => (facts::fargate_cpu(memory).unwrap_or(256), memory),
        (Some(cpu), Some(memory)) => (cpu, memory),
    };
    if fargate && !facts::fargate_has(cpu, memory) {
        let name = if a.get("memory").is_some() { "memory" } else { "cpu" };
        let detail = match a.get("cpu") {
            Some(_) => format!(
                "With cpu = {cpu}, Fargate has {}, and not {memory}. Write one of these.",
                facts::fargate_memory(cpu)
            ),
            None => format!(
                "Fargate has no memory of {memory} MiB. Write a multiple of 1024 up to 30720, or 512."
            ),
        };
        diags.error(a.span(name), "No such pair of cpu and memory", detail);
    }
    (cpu, memory)
}

/// Refuses what means nothing for the way the service runs.
fn only_for(p: &Parts<'_>, run: Run, diags: &mut Diagnostics) {
    let of_instances = ["size", "volume", "script", "spot"];
    let of_containers = ["cpu", "memory", "command"];
    let (wrong, is, remedy): (&[&str], _, _) = match run {
        Run::Instances => (&of_containers, "containers", "size says how large an instance is"),
        Run::Fargate => (&of_instances, "instances", "cpu and memory say how large a container is"),
        // Its instances have a size, and its containers too.
        Run::Containers => (&["script", "spot"], "instances", "what a container needs is in its image"),
    };
    for name in wrong.iter().filter(|n| p.args.get(n).is_some()) {
        diags.error(
            p.args.span(name),
            "Argument without meaning",
            format!("\"{name}\" is for {is}, and {} runs otherwise: {remedy}. Remove it.", p.args.title),
        );
    }
    // What concerns requests means nothing where none arrive.
    let a = p.args;
    let (port, host) = (a.get("port").is_some() || a.get("host").is_some(), a.get("host").is_some());
    let needs: &[(&str, bool, &str)] = &[
        ("health", port, "port = 8080 (or a host)"),
        ("drain", port, "port = 8080 (or a host)"),
        ("sticky", port, "port = 8080 (or a host)"),
        ("idle", host, "host = \"app.example.com\""),
    ];
    for (name, there, remedy) in needs {
        if !there && a.get(name).is_some() {
            diags.error(
                a.span(name),
                "Argument without meaning",
                format!(
                    "\"{name}\" is about requests, and nothing connects to {}. Add {remedy}, or remove it.",
                    a.title
                ),
            );
        }
    }
}

fn scale(p: &Parts<'_>, diags: &mut Diagnostics) -> Scale {
    let shrunk = |n: u32, layer: usize| match n {
        0 => 0,
        n => ((f64::from(n) * p.layers.share(layer)).ceil() as u32).max(1),
    };
    let none = Scale { min: 1, max: 1, cpu: None, requests: None, backlog: None, backlog_each: 100 };
    let value = p.args.get("scale");
    if let Some(v) = value
        && let ValKind::Number(n) = &v.kind
    {
        let n = shrunk(n.as_i64().and_then(|n| u32::try_from(n).ok()).unwrap_or(1), v.layer);
        return Scale { min: n, max: n, ..none };
    }
    let Some(s) = p.args.object("scale") else {
        let n = shrunk(1, 0);
        return Scale { min: n, max: n, ..none };
    };
    let layer = |name: &str| s.get(name).map_or(0, |v| v.layer);
    let (least, most) = (s.whole("min").unwrap_or(1), s.whole("max"));
    if let Some(most) = most
        && least > most
    {
        diags.error(
            s.span("max"),
            "Least above most",
            format!("At least {least} and at most {most} of {} cannot be. Write a max of at least {least}, or a smaller min.", p.args.title),
        );
    }
    let min = shrunk(least, layer("min"));
    let max = most.map_or(min, |n| shrunk(n, layer("max"))).max(min);
    let followed: Vec<&str> =
        ["cpu", "requests", "backlog"].into_iter().filter(|n| s.get(n).is_some()).collect();
    if min == max && most.unwrap_or(least) == least && !followed.is_empty() {
        diags.warning(
            s.span(followed[0]),
            "Nothing to follow",
            format!(
                "{} is always {min}, so {} changes nothing. Add a max above min.",
                p.args.title, followed[0]
            ),
        );
    }
    if s.get("each").is_some() && s.get("backlog").is_none() {
        diags.error(s.span("each"), "Each of what", "\"each\" counts the messages of a backlog, and none is named. Add backlog = queue.NAME, or remove it.");
    }
    Scale {
        min,
        max,
        cpu: s.whole("cpu"),
        requests: s.whole("requests"),
        backlog: s.named("backlog"),
        backlog_each: s.whole("each").unwrap_or(100),
    }
}

pub(super) fn function(p: &Parts<'_>, diags: &mut Diagnostics) -> Function {
    let a = p.args;
    let runtime = a.text("runtime").unwrap_or_default();
    let handler = match a.text("handler") {
        Some(h) => h,
        None if runtime.starts_with("python") => "main.handler".into(),
        None => "index.handler".into(),
    };
    if handler_needs_saying(&runtime) && a.get("handler").is_none() {
        diags.error(
            a.span("runtime"),
            "Missing argument",
            format!("With {runtime}, {} needs \"handler\": what is called. For instance:\n    handler = \"example.Handler::handleRequest\"", a.title),
        );
    }
    let on: Vec<(Trigger, Span)> = a
        .elements("on")
        .iter()
        .filter_map(|v| match &v.kind {
            ValKind::Ref(r) => Some((reference::trigger(r, p.context).ok()?, v.span)),
            _ => None,
        })
        .collect();
    Function {
        name: p.name.to_owned(),
        code: PathBuf::from(a.text("code").unwrap_or_default()),
        runtime,
        handler,
        memory: p.whole("memory"),
        timeout: p.whole("timeout"),
        on,
        uses: p.uses("uses"),
        settings: a.map("settings"),
        log_days: p.whole("log_days"),
        span: a.span,
    }
}

/// Runtimes whose handlers have no usual name.
fn handler_needs_saying(runtime: &str) -> bool {
    runtime.starts_with("java") || runtime.starts_with("dotnet")
}

pub(super) fn job(p: &Parts<'_>, diags: &mut Diagnostics) -> Option<Job> {
    let a = p.args;
    let image = image(p)?;
    if matches!(image.source, ImageSource::Machine { .. } | ImageSource::Ami { .. }) {
        diags.error(
            a.span("image"),
            "Image of another kind",
            format!(
                "A job runs in a container, and image.{} is a machine image. Give it one with build or uri.",
                image.name
            ),
        );
        return None;
    }
    let (cpu, memory) = power(p, true, diags);
    Some(Job {
        name: p.name.to_owned(),
        schedule: a.text("schedule").unwrap_or_default(),
        image,
        cpu,
        memory,
        command: p.words("command"),
        uses: p.uses("uses"),
        settings: a.map("settings"),
        log_days: p.whole("log_days"),
        span: a.span,
    })
}
