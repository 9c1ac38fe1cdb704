//! `groma status` and `groma envs`

use super::{Command, Outcome};
use crate::args::{Args, Flag, switch};
use crate::operation::COMMON_FLAGS;
use crate::platform::remains::Remains;
use crate::platform::{EACH_FLAGS, PLATFORM_FLAGS, Project, aftermath, now};
use crate::session::Session;
use groma_platform::Environment;
use groma_platform::record::{Live, Record};
use groma_value::addr::Mode;
use serde_json::json;

const FLAGS: &[Flag] = &[switch("json", "Print one JSON document instead of text.")];

/// `status`
pub static COMMAND: Command = Command {
    name: "status",
    usage: "[flags] [ENVIRONMENT]",
    summary: "Show what is up, parked, expiring or unfinished",
    help: "Without an environment, a line for each that is up. With one: its services and how many run, how things are reached, what it keeps, and who changed it last. Reads states, not AWS: groma diff tells whether reality differs.",
    flags: &[FLAGS, EACH_FLAGS, PLATFORM_FLAGS, COMMON_FLAGS],
    run,
    main: true,
};

/// `envs`
pub static ENVS: Command = Command {
    name: "envs",
    usage: "[flags]",
    summary: "List the environments of the manifest and what is up of them",
    help: "All declared environments: their network, account, what they are like, and what of them is up.",
    flags: &[FLAGS, PLATFORM_FLAGS, COMMON_FLAGS],
    run: envs,
    main: true,
};

/// `up`, `parked`, `unfinished`
fn word(live: &Live) -> &'static str {
    match (live.complete, live.parked) {
        (false, _) => "unfinished",
        (true, true) => "parked",
        (true, false) => "up",
    }
}

/// `3 hours`, rounded down to the largest unit.
pub fn span(seconds: u64) -> String {
    let (n, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}

fn expiry(live: &Live) -> String {
    match live.expires {
        None => String::new(),
        Some(e) if e <= now() => "its time is over (groma sweep)".into(),
        Some(e) => format!("expires in {}", span(e - now())),
    }
}

/// Columns as wide as they need to be.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|i| rows.iter().filter_map(|r| r.get(i)).map(|c| c.chars().count()).max().unwrap_or(0))
        .collect();
    let mut out = String::new();
    for r in rows {
        let line: Vec<String> = r.iter().zip(&widths).map(|(c, w)| format!("{c:w$}", w = *w)).collect();
        out.push_str(line.join("  ").trim_end());
        out.push('\n');
    }
    out
}

fn envs(s: &Session, args: &Args) -> Outcome {
    let p = Project::open(s, args)?;
    let record = p.recorded()?;
    if args.on("json", false) {
        let list: Vec<_> = p
            .manifest
            .environments()
            .iter()
            .map(|e| {
                let up: Vec<_> =
                    record.environments.iter().filter(|(_, l)| l.name == e.name).map(|(s, _)| s).collect();
                json!({ "name": e.name, "each": e.each, "like": e.like, "account": e.account, "protect": e.protect, "up": up })
            })
            .collect();
        let gone: Vec<_> =
            record.environments.iter().filter(|(_, l)| !p.declares(l)).map(|(s, _)| s).collect();
        s.ui.out(&format!("{}\n", json!({ "environments": list, "undeclared": gone })));
        return Ok(0);
    }
    let mut rows = vec![["ENVIRONMENT", "NETWORK", "ACCOUNT", "LIKE", "UP"].map(str::to_owned).to_vec()];
    for e in p.manifest.environments() {
        let network = match &e.network {
            groma_platform::NetworkRef::Named(n) => n.clone(),
            groma_platform::NetworkRef::Own => "its own".into(),
        };
        let up: Vec<String> = record
            .environments
            .values()
            .filter(|l| l.name == e.name)
            .map(|l| match &l.label {
                Some(label) if l.parked => format!("{label} (parked)"),
                Some(label) => label.clone(),
                None => word(l).into(),
            })
            .collect();
        let name = match &e.each {
            Some(label) => format!("{} -each={}", e.name, label.to_uppercase()),
            None => e.name.clone(),
        };
        let up = if up.is_empty() { "no".into() } else { up.join(", ") };
        rows.push(vec![name, network, e.account.clone(), e.like.clone().unwrap_or_default(), up]);
    }
    for (slug, live) in record.environments.iter().filter(|(_, l)| !p.declares(l)) {
        let networks: Vec<String> = record.with_needs(slug).into_iter().skip(1).collect();
        let network = networks.iter().find_map(|n| n.strip_prefix("network-")).unwrap_or("its own");
        let account = p.kept(&record, slug).account;
        rows.push(vec![slug.clone(), network.into(), account, String::new(), word(live).into()]);
    }
    s.ui.out(&table(&rows));
    s.ui.out(&undeclared(&p, &record));
    Ok(0)
}

/// What is there although the manifest says nothing of it any more, and how to remove it.
fn undeclared(p: &Project<'_>, record: &Record) -> String {
    let mut out = String::new();
    for (slug, _) in record.environments.iter().filter(|(_, l)| !p.declares(l)) {
        out.push_str(&format!(
            "\n{slug} is no longer declared in groma.hcl. To take it down:\n  {}\n",
            p.command_for("down", None, slug)
        ));
    }
    for n in p.idle_networks(record) {
        out.push_str(&format!(
            "\nThe network {n} is there, and no environment is in it. To take it down:\n  {} network.{n}\n",
            p.command_for("down", None, "")
        ));
    }
    out
}

fn run(s: &Session, args: &Args) -> Outcome {
    let p = Project::open(s, args)?;
    let record = p.recorded()?;
    match &args.rest[..] {
        [] => overview(&p, &record, args.on("json", false)),
        [name] => {
            if let Some(remains) = p.remains(&record, name, args.get("each")) {
                return of_remains(&p, &remains, args.on("json", false));
            }
            let env = p.environment(name)?;
            one(&p, &env, &record, args.on("json", false))
        }
        _ => Err("groma status takes one environment at most. Flags go before it.".to_owned().into()),
    }
}

fn overview(p: &Project<'_>, record: &Record, json: bool) -> Outcome {
    let ui = &p.s.ui;
    if json {
        let list: Vec<_> = record
            .environments
            .iter()
            .map(|(slug, l)| json!({ "slug": slug, "name": l.name, "label": l.label, "status": word(l), "since": l.since, "expires": l.expires, "declared": p.declares(l) }))
            .collect();
        ui.out(&format!("{}\n", json!({ "environments": list })));
        return Ok(0);
    }
    if record.environments.is_empty() {
        let first = p.manifest.environments().first();
        let label = first.and_then(|e| e.each.as_deref()).map(str::to_uppercase);
        let command = p.command_for("up", label.as_deref(), first.map_or("ENVIRONMENT", |e| e.name.as_str()));
        ui.out(&format!("Nothing is up. To bring an environment up:\n  {command}\n"));
        ui.out(&undeclared(p, record));
        let there: Vec<String> = p.in_sandbox().into_iter().collect();
        if !there.is_empty() {
            ui.out(&format!(
                "\nIn the sandbox there {} {}:\n  {}\n",
                if there.len() == 1 { "is" } else { "are" },
                there.join(", "),
                p.command_for("status -sandbox", None, "")
            ));
        }
        return Ok(0);
    }
    let mut rows = vec![["ENVIRONMENT", "STATUS", "SINCE", "LAST CHANGE", ""].map(str::to_owned).to_vec()];
    for (slug, l) in &record.environments {
        let last = l.doing.as_ref().or(l.log.last()).map_or(String::new(), |e| {
            format!("{} by {}, {} ago", e.what, e.by, span(now().saturating_sub(e.at)))
        });
        rows.push(vec![
            slug.clone(),
            word(l).into(),
            format!("{} ago", span(now().saturating_sub(l.since))),
            last,
            expiry(l),
        ]);
    }
    ui.out(&table(&rows));
    ui.out(&undeclared(p, record));
    Ok(0)
}

/// An environment that is not declared any more.
fn of_remains(p: &Project<'_>, r: &Remains, as_json: bool) -> Outcome {
    let (s, live) = (p.s, &r.live);
    if as_json {
        s.ui.out(&format!(
            "{}\n",
            json!({ "slug": r.slug, "status": word(live), "since": live.since, "expires": live.expires, "declared": false, "log": live.log })
        ));
        return Ok(0);
    }
    let account = p.account_of(&r.kept);
    let objects = aftermath::objects(&p.stored(&r.slug)?, &[]);
    let objects = objects.iter().filter(|(addr, _)| addr.resource.mode == Mode::Managed).count();
    s.ui.out(&format!(
        "{} {} ({}, account {} {}): {}, but no longer declared in groma.hcl. {objects} resources are in its state. To take it down:\n  {}\n",
        p.manifest.platform.name,
        r.slug,
        r.kept.region,
        account.name,
        account.id,
        word(live),
        p.command_for("down", None, &r.slug)
    ));
    Ok(0)
}

fn one(p: &Project<'_>, env: &Environment, record: &Record, as_json: bool) -> Outcome {
    let s = p.s;
    let live = p.live(record, env)?;
    let state = p.stored(&env.slug)?;
    let counts = aftermath::counts(&state);
    let endpoints = state.outputs.get("endpoints").map(|o| groma_value::json::to_json(&o.value, &o.ty));
    if as_json {
        let services: serde_json::Map<String, serde_json::Value> = env
            .components
            .services
            .keys()
            .map(|n| (n.clone(), json!(counts.get(&n.replace(['-', '.'], "_")))))
            .collect();
        s.ui.out(&format!(
            "{}\n",
            json!({ "slug": env.slug, "status": word(&live), "since": live.since, "expires": live.expires, "services": services, "log": live.log })
        ));
        return Ok(0);
    }
    let mut out = format!("{}: {}", super::up::title(p, env), word(&live));
    let e = expiry(&live);
    if !e.is_empty() {
        out.push_str(&format!(", {e}"));
    }
    out.push('\n');
    if let Some(d) = live.doing.as_ref().filter(|_| !live.complete) {
        let verb = d.what.split(' ').next().unwrap_or("up");
        let tail = d.what.strip_prefix(verb).unwrap_or_default();
        out.push_str(&format!(
            "groma {} by {} began {} ago and is at work, or did not come to its end. To go on from there:\n  {}{tail}\n",
            d.what,
            d.by,
            span(now().saturating_sub(d.at)),
            p.command(verb, env)
        ));
    }
    let mut rows = Vec::new();
    for svc in env.components.services.values() {
        let n = counts.get(&svc.name.replace(['-', '.'], "_"));
        let (mut min, mut max) = (svc.scale.min, svc.scale.max);
        let mut by = "";
        if let Some(n) = live.scale.get(&svc.name) {
            (min, max) = (*n, max.max(*n));
            by = ", by groma scale";
        }
        let n = match (n, live.parked) {
            (_, true) => "parked".to_owned(),
            (Some(n), false) => format!("{n} wanted"),
            (None, false) => "-".to_owned(),
        };
        let range = if min == max { format!("always {min}{by}") } else { format!("{min} to {max}{by}") };
        let at: Vec<String> = svc.hosts.iter().map(|h| format!("https://{h}")).collect();
        rows.push(vec![format!("  service.{}", svc.name), n, range, at.join(" ")]);
    }
    if !rows.is_empty() {
        out.push_str(&format!("\n{}", table(&rows)));
    }
    if let Some(Ok(serde_json::Value::Object(m))) = endpoints {
        let rows: Vec<Vec<String>> =
            m.iter().map(|(k, v)| vec![format!("  {k}"), v.as_str().unwrap_or("").to_owned()]).collect();
        out.push_str(&format!("\n{}", table(&rows)));
    }
    if !live.log.is_empty() {
        out.push_str("\nLast changes:\n");
        let rows: Vec<Vec<String>> = live
            .log
            .iter()
            .rev()
            .take(5)
            .map(|e| {
                vec![format!("  {} ago", span(now().saturating_sub(e.at))), e.by.clone(), e.what.clone()]
            })
            .collect();
        out.push_str(&table(&rows));
    }
    s.ui.out(&out);
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_in_words() {
        assert_eq!(span(59), "59 seconds");
        assert_eq!(span(3600), "1 hour");
        assert_eq!(span(200_000), "2 days");
    }
}
