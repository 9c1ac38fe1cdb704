//! `groma up`, `groma diff`, `groma scale`, `groma park` and `groma resume`: all of them
//! bring an environment to what it should be.

use super::{Command, Failure, Outcome};
use crate::args::{Args, Flag, switch};
use crate::operation::{COMMON_FLAGS, JSON_LINES};
use crate::platform::{
    CHANGE_FLAGS, EACH_FLAGS, PLATFORM_FLAGS, Project, aftermath, apply, losses, moved, now, roots,
};
use crate::session::Session;
use crate::state::LOCK_FLAGS;
use groma_engine::PlanMode;
use groma_engine::json::stream::{Summary, change_summary};
use groma_lang::Diagnostic;
use groma_platform::compile::Root;
use groma_platform::record::{Entry, Live, Record};
use groma_platform::{Environment, NetworkRef};
use std::cell::Cell;
use std::collections::BTreeMap;

/// `up`
pub static COMMAND: Command = Command {
    name: "up",
    usage: "[flags] ENVIRONMENT",
    summary: "Bring an environment up, or to what the manifest says",
    help: "Compiles the manifest, plans the environment and the networks that it needs as one, asks for approval, and applies in order. After an interruption, run it again: it goes on where it stopped. With -sandbox everything happens in the embedded AWS.",
    flags: &[CHANGE_FLAGS, PROVE_FLAGS, EACH_FLAGS, PLATFORM_FLAGS, LOCK_FLAGS, COMMON_FLAGS],
    run: up,
    main: true,
};

/// `diff`
pub static DIFF: Command = Command {
    name: "diff",
    usage: "[flags] ENVIRONMENT",
    summary: "Show what up would do, without doing it",
    help: "Plans the environment and the networks that it needs, and shows the plan. With -detailed-exitcode the exit code is 2 if anything would be done.",
    flags: &[DIFF_FLAGS, EACH_FLAGS, PLATFORM_FLAGS, LOCK_FLAGS, COMMON_FLAGS],
    run: diff,
    main: true,
};

const PROVE_FLAGS: &[Flag] = &[crate::prove::gate::UNPROVED];

const DIFF_FLAGS: &[Flag] = &[
    switch("detailed-exitcode", "Exit with 0 if there is nothing to do, 2 if there is, 1 after an error."),
    crate::prove::gate::UNPROVED,
    switch("details", "Show every resource with all its attributes, not a line for each component."),
    JSON_LINES,
];

/// `park`
pub static PARK: Command = Command {
    name: "park",
    usage: "[flags] ENVIRONMENT",
    summary: "Stop what costs money in an environment; data stays",
    help: "Takes all instances and containers away, stops the databases (and stops them again when AWS starts them after seven days), and removes NAT gateways that nobody else needs, and the load balancers with park_load_balancer. What ran is remembered; groma resume brings exactly that back.",
    flags: &[CHANGE_FLAGS, PROVE_FLAGS, EACH_FLAGS, PLATFORM_FLAGS, LOCK_FLAGS, COMMON_FLAGS],
    run: park,
    main: true,
};

/// `resume`
pub static RESUME: Command = Command {
    name: "resume",
    usage: "[flags] ENVIRONMENT",
    summary: "Bring a parked environment back to what it was",
    help: "Starts the databases and brings back as many of each service as there were when it was parked.",
    flags: &[CHANGE_FLAGS, PROVE_FLAGS, EACH_FLAGS, PLATFORM_FLAGS, LOCK_FLAGS, COMMON_FLAGS],
    run: resume,
    main: true,
};

/// `scale`
pub static SCALE: Command = Command {
    name: "scale",
    usage: "[flags] ENVIRONMENT SERVICE=N ...",
    summary: "Set how many of a service run, until told otherwise",
    help: "N becomes the smallest number of the service (and the largest, if that was lower). It is remembered and stays through up, park and resume. SERVICE=auto returns to what the manifest says.",
    flags: &[CHANGE_FLAGS, PROVE_FLAGS, EACH_FLAGS, PLATFORM_FLAGS, LOCK_FLAGS, COMMON_FLAGS],
    run: scale,
    main: true,
};

/// The accounts and regions that root modules work in.
pub fn accounts(roots: &[Root]) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> =
        roots.iter().map(|r| (r.account.clone(), r.region.clone())).collect();
    out.sort();
    out.dedup();
    out
}

/// For people: `levels prod (eu-west-1, account main 123456789012)`.
pub fn title(p: &Project<'_>, env: &Environment) -> String {
    let platform = &p.manifest.platform;
    let id = platform.accounts.iter().find(|a| a.name == env.account).map_or("", |a| a.id.as_str());
    let place = if p.sandbox { ", in the sandbox" } else { "" };
    format!("{} {} ({}, account {} {id}{place})", platform.name, env.slug, env.region, env.account)
}

/// What is remembered of an environment as it comes up.
fn entry(env: &Environment, old: Option<&Live>) -> Live {
    let mut live = old.cloned().unwrap_or_else(|| Live { since: now(), ..Live::default() });
    live.name = env.name.clone();
    live.label = env.label.clone();
    live.expires = env.ttl.map(|t| now() + t);
    live
}

fn up(s: &Session, args: &Args) -> Outcome {
    s.json_messages(args);
    let p = Project::open(s, args)?;
    let env = p.named("up")?;
    let before = p.recorded()?;
    if before.environments.get(&env.slug).is_some_and(|l| l.parked) {
        return Err(s.fail(Diagnostic::error(
            format!("{} is parked", env.slug),
            format!("To bring it back as it was, and then change it:\n  {}", p.command("resume", &env)),
        )));
    }
    let went = bring(
        &p,
        &env,
        &Work {
            verb: "up",
            tail: "",
            said: "is as described.",
            beside: "",
            change: &|live| {
                let old = live.clone();
                *live = entry(&env, Some(&old).filter(|l| l.since > 0));
            },
            before: &|| Ok(()),
            after: &|| Ok(()),
        },
    )?;
    Ok(u8::from(!went))
}

/// A change of an environment.
struct Work<'a> {
    /// The command: `scale`.
    verb: &'a str,
    /// What follows the environment on the command line: ` web=4`.
    tail: &'a str,
    /// What is remembered differently from then on. It may be done several times.
    change: &'a dyn Fn(&mut Live),
    /// What is to be said when it is done, behind the environment's name.
    said: &'a str,
    /// What is done besides what is planned, for people.
    beside: &'a str,
    /// What is done before anything is applied, and after all of it was.
    before: &'a dyn Fn() -> Result<(), Failure>,
    after: &'a dyn Fn() -> Result<(), Failure>,
}

/// How often it is planned again when others took the addresses in the meantime.
const ATTEMPTS: usize = 5;

/// Changes what is remembered of an environment, and brings it to what that and the
/// manifest say. Whether it did: if the user says no, nothing is remembered.
fn bring(p: &Project<'_>, env: &Environment, work: &Work<'_>) -> Result<bool, Failure> {
    for _ in 0..if p.unasked { ATTEMPTS } else { 1 } {
        if let Some(went) = attempt(p, env, work)? {
            return Ok(went);
        }
    }
    Err(p.s.fail(Diagnostic::error(
        "The addresses were given to another network",
        "While this was planned, another environment came up and got the addresses that this one was to have. Nothing was done. Run the command again.",
    )))
}

/// What is remembered, as it would be.
fn drafted(p: &Project<'_>, env: &Environment, work: &Work<'_>) -> Result<Record, Failure> {
    let mut record = p.recorded()?;
    (work.change)(record.environments.entry(env.slug.clone()).or_default());
    groma_platform::compile::allocate(&p.manifest, &mut record).map_err(|d| p.s.fail(d))?;
    Ok(record)
}

/// One attempt: `None` if the addresses were taken by others.
fn attempt(p: &Project<'_>, env: &Environment, work: &Work<'_>) -> Result<Option<bool>, Failure> {
    let s = p.s;
    let doing = format!("{}{}", p.command(work.verb, env), work.tail);
    let draft = drafted(p, env, work)?;
    let roots = p.compile(env, &draft)?;
    p.others_are_up(env, &draft)?;
    p.check_accounts(&accounts(&roots))?;
    moved::stays(p, env, &roots)?;
    let mut held = p.hold(&roots, &doing)?;
    let planned = drafted(p, env, work).and_then(|draft| {
        let roots = p.compile(env, &draft)?;
        let unfinished = draft.environments.get(&env.slug).is_some_and(|l| l.doing.is_some());
        let strays = if unfinished { Some(p.strays(&roots)?) } else { None };
        let roots = roots.into_iter().map(|r| (r, PlanMode::Normal)).collect();
        Ok((roots::plan_all(p, roots, Some((&mut held, &doing)), strays.as_deref())?, draft))
    });
    p.release(held)?;
    let (planned, draft) = planned?;
    let kept = losses::kept(p, env, &draft, &planned);
    if let Err(e) = kept.and_then(|()| crate::prove::gate::environment(p, env, &draft, &planned)) {
        roots::close_all(p, planned)?;
        return Err(e);
    }
    let resumed = draft.environments.get(&env.slug).is_some_and(|l| l.doing.is_some());

    let heading = match work.verb {
        "up" => title(p, env),
        verb => format!("{}{}: {}", verb[..1].to_uppercase(), &verb[1..], title(p, env)),
    };
    let changes = planned.iter().any(|a| a.plan.has_work());
    let fresh = losses::fresh(&planned);
    let taken = Cell::new(false);
    let began = Cell::new(false);
    let begin = |changes: bool| {
        if changes {
            p.remember(|r| {
                if !r.claim(&draft) {
                    taken.set(true);
                    return Err(Failure::Reported);
                }
                r.keep(&p.manifest.platform, &roots);
                let live = r.environments.entry(env.slug.clone()).or_default();
                (work.change)(live);
                live.complete = false;
                live.fresh.extend(fresh.iter().cloned());
                live.doing =
                    Some(Entry { at: now(), by: p.who(), what: format!("{}{}", work.verb, work.tail) });
                Ok(())
            })?;
            began.set(true);
        }
        (work.before)()
    };
    let done = match apply::approve_and_apply(p, &heading, planned, (false, work.beside), &begin) {
        Err(_) if taken.get() => return Ok(None),
        Ok(d) if d.cancelled => {
            s.ui.line("Cancelled: nothing was done.");
            return Ok(Some(false));
        }
        Ok(d) => (work.after)().map(|()| d),
        Err(e) => Err(e),
    };
    let done = done.inspect_err(|_| {
        if began.get() {
            s.ui.line(&format!("\nWhat was finished is recorded. To go on from there:\n  {doing}"));
        }
    })?;
    p.remember(|r| {
        let live = r.environments.entry(env.slug.clone()).or_default();
        (work.change)(live);
        live.complete = true;
        live.desired.clear();
        live.doing = None;
        live.fresh.clear();
        if !live.parked {
            live.counts.clear();
        }
        if let NetworkRef::Named(n) = &env.network {
            r.networks.insert(n.clone());
        }
        r.note(&env.slug, now(), &p.who(), &format!("{}{}", work.verb, work.tail));
        Ok(())
    })?;
    if changes {
        s.ui.message(&change_summary(&done.counts, Summary::Apply));
    }
    if changes && !work.said.is_empty() {
        let paint = s.paint();
        s.ui.line(&format!(
            "\n{} {} added, {} changed, {} destroyed.",
            paint.code("1;32", format!("{} {}", env.slug, work.said).trim_end()),
            done.counts.add,
            done.counts.change,
            done.counts.destroy
        ));
    }
    if resumed {
        p.warn_of_strays(env, &roots)?;
    }
    let parked = draft.environments.get(&env.slug).is_some_and(|l| l.parked);
    if parked && work.verb == "scale" {
        s.ui.line(&format!(
            "\n{} is parked. Once it is back, it has {}:\n  {}",
            env.slug,
            work.tail.trim(),
            p.command("resume", env)
        ));
    }
    if !parked {
        tell(p, env)?;
    }
    Ok(Some(true))
}

/// What one wants to know of an environment that came up.
fn tell(p: &Project<'_>, env: &Environment) -> Result<(), Failure> {
    let s = p.s;
    let mut lines = Vec::new();
    for svc in env.components.services.values() {
        for h in &svc.hosts {
            lines.push(format!("  https://{h}  ({})", svc.name));
        }
    }
    if !lines.is_empty() {
        s.ui.line(&format!("\nReached at:\n{}", lines.join("\n")));
    }
    let state = p.stored(&env.slug)?;
    if p.manifest.platform.domain.is_none()
        && let Some(o) = state.outputs.get("name_servers")
        && let Ok(serde_json::Value::Object(hosts)) = groma_value::json::to_json(&o.value, &o.ty)
        && !p.sandbox
    {
        s.ui.line("\nThe platform block names no domain, so each host has a zone of its own. Delegate to it, in the zone above:");
        for (host, servers) in hosts {
            let list: Vec<&str> =
                servers.as_array().into_iter().flatten().filter_map(|v| v.as_str()).collect();
            s.ui.line(&format!("  {host}  NS  {}", list.join(" ")));
        }
    }
    Ok(())
}

fn diff(s: &Session, args: &Args) -> Outcome {
    s.json_messages(args);
    let p = Project::open(s, args)?;
    let env = p.named("diff")?;
    let mut record = p.recorded()?;
    let live = entry(&env, record.environments.get(&env.slug));
    record.environments.insert(env.slug.clone(), live);
    groma_platform::compile::allocate(&p.manifest, &mut record).map_err(|d| s.fail(d))?;
    let compiled = p.compile(&env, &record)?;
    moved::stays(&p, &env, &compiled)?;
    p.others_are_up(&env, &record)?;
    p.check_accounts(&accounts(&compiled))?;
    let planned =
        roots::plan_all(&p, compiled.into_iter().map(|r| (r, PlanMode::Normal)).collect(), None, None)?;
    crate::platform::show::plans(&p, &title(&p, &env), &planned, args.on("details", false));
    let changes = planned.iter().any(|a| a.plan.has_work());
    let judged = losses::kept(&p, &env, &record, &planned);
    let judged = judged.and_then(|()| crate::prove::gate::environment(&p, &env, &record, &planned));
    roots::close_all(&p, planned)?;
    judged?;
    Ok(if changes && args.on("detailed-exitcode", false) { 2 } else { 0 })
}

/// The state of an environment's root module as AWS has it now.
fn refreshed(p: &Project<'_>, env: &Environment, record: &Record) -> Result<groma_state::State, Failure> {
    let all = p.compile(env, record)?;
    p.check_accounts(&accounts(&all))?;
    let own: Vec<_> = all.into_iter().rev().take(1).map(|r| (r, PlanMode::RefreshOnly)).collect();
    let planned = roots::plan_all(p, own, None, None)?;
    let state = planned.first().map(|a| a.plan.prior.clone()).unwrap_or_default();
    roots::close_all(p, planned)?;
    // Nothing is planned together with it.
    roots::settle(p.s, &env.slug);
    Ok(state)
}

/// The databases that an environment's parking concerns: its own, and those that its
/// network shares if every environment in it is parked.
fn stoppable(
    p: &Project<'_>,
    env: &Environment,
    own: &groma_state::State,
) -> Result<Vec<aftermath::Stoppable>, Failure> {
    let mut out = aftermath::databases(own);
    let NetworkRef::Named(network) = &env.network else { return Ok(out) };
    let record = p.recorded()?;
    let root = format!("network-{network}");
    for (slug, live) in record.environments.iter().filter(|(_, l)| !l.parked) {
        let there = match p.declares(live) {
            true => {
                let other =
                    p.manifest.environment(&live.name, live.label.as_deref()).map_err(|d| p.s.fail(d))?;
                other.network == env.network
            }
            false => record.with_needs(slug).contains(&root),
        };
        if there && *slug != env.slug {
            return Ok(out);
        }
    }
    let state = p.stored(&root)?;
    out.extend(aftermath::databases(&state));
    Ok(out)
}

/// What happens to databases, which no plan has; empty where there are none.
fn beside(what: &str, databases: &[aftermath::Stoppable]) -> String {
    let names: Vec<&str> = databases.iter().map(|d| d.identifier.as_str()).collect();
    if names.is_empty() { String::new() } else { format!("\n{what}: {}", names.join(", ")) }
}

fn park(s: &Session, args: &Args) -> Outcome {
    s.json_messages(args);
    let p = Project::open(s, args)?;
    let env = p.named("park")?;
    let record = p.recorded()?;
    let live = p.live(&record, &env)?;
    if env.protect && !live.parked {
        let span = p
            .manifest
            .environments()
            .iter()
            .find(|e| e.name == env.name)
            .map_or(env.span, |e| e.protect_span);
        s.ui.diags(
            &Diagnostic::warning(
                format!("{} is protected", env.slug),
                format!("Parking keeps its data, and stops everything that runs in it: nobody reaches it until\n  {}", p.command("resume", &env)),
            )
            .at(span)
            .into(),
            &s.sources,
        );
    }
    let state = refreshed(&p, &env, &record)?;
    let counts: BTreeMap<String, u32> = if live.parked {
        live.counts.clone()
    } else {
        let found = aftermath::counts(&state);
        env.components
            .services
            .keys()
            .filter_map(|name| Some((name.clone(), *found.get(&name.replace(['-', '.'], "_"))?)))
            .collect()
    };
    let stopped = Cell::new(0);
    let went = bring(
        &p,
        &env,
        &Work {
            verb: "park",
            tail: "",
            said: "",
            beside: &beside("Databases that are stopped", &stoppable(&p, &env, &state)?),
            change: &|live| {
                live.parked = true;
                live.counts = counts.clone();
            },
            before: &|| Ok(()),
            after: &|| {
                let databases = stoppable(&p, &env, &state)?;
                stopped.set(databases.len());
                p.switch_databases(&env.account, &env.region, &databases, false)
            },
        },
    )?;
    if went {
        let mut stopped_now: Vec<String> = counts.iter().map(|(n, c)| format!("{c} of {n}")).collect();
        match stopped.get() {
            0 => {}
            1 => stopped_now.push("1 database".into()),
            n => stopped_now.push(format!("{n} databases")),
        }
        let what = match stopped_now.is_empty() {
            true => "nothing ran in it.".to_owned(),
            false => format!("{} stopped.", stopped_now.join(", ")),
        };
        s.ui.line(&format!(
            "\n{} {what} To bring exactly that back:\n  {}",
            s.paint().code("1;32", &format!("{} is parked:", env.slug)),
            p.command("resume", &env)
        ));
    }
    Ok(u8::from(!went))
}

fn resume(s: &Session, args: &Args) -> Outcome {
    s.json_messages(args);
    let p = Project::open(s, args)?;
    let env = p.named("resume")?;
    let record = p.recorded()?;
    let live = p.live(&record, &env)?;
    let unfinished = live.doing.as_ref().is_some_and(|d| d.what == "resume");
    if !live.parked && !unfinished {
        s.ui.line(&format!("{} is not parked.", env.slug));
        return Ok(0);
    }
    let state = refreshed(&p, &env, &record)?;
    let went = bring(
        &p,
        &env,
        &Work {
            verb: "resume",
            tail: "",
            said: "is back.",
            beside: &beside("Databases that are started", &stoppable(&p, &env, &state)?),
            change: &|live| {
                live.parked = false;
                live.desired = live.counts.clone();
            },
            // Databases take longest, and services fail without them.
            before: &|| p.switch_databases(&env.account, &env.region, &stoppable(&p, &env, &state)?, true),
            after: &|| Ok(()),
        },
    )?;
    Ok(u8::from(!went))
}

fn scale(s: &Session, args: &Args) -> Outcome {
    s.json_messages(args);
    let p = Project::open(s, args)?;
    let (name, wanted) = match &args.rest[..] {
        [name, wanted @ ..] if !wanted.is_empty() => (name, wanted),
        _ => {
            return Err("groma scale needs an environment and what to scale: groma scale prod web=4"
                .to_owned()
                .into());
        }
    };
    let env = p.environment(name)?;
    let record = p.recorded()?;
    let live = p.live(&record, &env)?;
    let mut scale = live.scale.clone();
    let mut desired = BTreeMap::new();
    for w in wanted {
        let Some((service, n)) = w.split_once('=') else {
            return Err(format!("{w:?} is not SERVICE=N, such as web=4.").into());
        };
        if !env.components.services.contains_key(service) {
            let names: Vec<&str> = env.components.services.keys().map(String::as_str).collect();
            let near = groma_lang::diag::suggest(service, names.iter().copied());
            let hint = near.map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
            return Err(format!(
                "{} has no service {service:?}.{hint} It has {}.",
                env.slug,
                names.join(", ")
            )
            .into());
        }
        if n == "auto" {
            scale.remove(service);
        } else {
            let n: u32 = n
                .parse()
                .ok()
                .filter(|n| *n <= 1000)
                .ok_or_else(|| format!("{n:?} is no number of {service}. Use 0 to 1000, or auto."))?;
            scale.insert(service.to_owned(), n);
            desired.insert(service.to_owned(), n);
        }
    }
    let work = Work {
        verb: "scale",
        tail: &format!(" {}", wanted.join(" ")),
        said: &format!("is as described, with {}.", wanted.join(" ")),
        beside: "",
        change: &|live| {
            live.scale = scale.clone();
            live.desired = desired.clone();
        },
        before: &|| Ok(()),
        after: &|| Ok(()),
    };
    let went = bring(&p, &env, &work)?;
    Ok(u8::from(!went))
}
