//! `groma down` and `groma sweep`

mod gone;

use super::up::{accounts, title};
use super::{Command, Failure, Outcome};
use crate::args::{Args, Flag, switch};
use crate::operation::COMMON_FLAGS;
use crate::platform::{CHANGE_FLAGS, EACH_FLAGS, PLATFORM_FLAGS, Project, apply, moved, now, roots};
use crate::session::Session;
use crate::state::LOCK_FLAGS;
use groma_engine::PlanMode;
use groma_engine::json::stream::{Summary, change_summary};
use groma_lang::Diagnostic;
use groma_platform::Environment;
use groma_platform::compile::{Root, RootOf, allocate};
use groma_platform::record::{Entry, Live, Record, network_key, own_key};
use std::cell::Cell;

/// `down`
pub static COMMAND: Command = Command {
    name: "down",
    usage: "[flags] ENVIRONMENT",
    summary: "Take an environment down, with everything in it",
    help: "Destroys the environment, and its network if no other environment uses it. Ends by asking AWS what is left with the tags of what was destroyed, and names it. An environment with protect = true is refused. One that the manifest no longer declares goes in the same way, by what is remembered of it; so does a network that nobody is in any more: groma down network.NAME.",
    flags: &[CHANGE_FLAGS, EACH_FLAGS, PLATFORM_FLAGS, LOCK_FLAGS, COMMON_FLAGS],
    run,
    main: true,
};

/// `sweep`
pub static SWEEP: Command = Command {
    name: "sweep",
    usage: "[flags]",
    summary: "Take down all environments whose time is over",
    help: "Environments with a ttl expire that long after their last up. This command takes those down that did, without asking; it is meant to be run by a timer. With -dry-run it only names them.",
    flags: &[SWEEP_FLAGS, CHANGE_FLAGS, PLATFORM_FLAGS, LOCK_FLAGS, COMMON_FLAGS],
    run: sweep,
    main: true,
};

const SWEEP_FLAGS: &[Flag] = &[switch("dry-run", "Only name what would be taken down.")];

fn run(s: &Session, args: &Args) -> Outcome {
    s.json_messages(args);
    let p = Project::open(s, args)?;
    if let [name] = &args.rest[..] {
        let record = p.recorded()?;
        if let Some(network) = name.strip_prefix("network.") {
            return gone::network_down(&p, network);
        }
        if let Some(remains) = p.remains(&record, name, args.get("each")) {
            return gone::take_down(&p, &remains);
        }
    }
    let env = p.named("down")?;
    take_down(&p, &env)
}

/// The root modules to destroy, dependents first: the environment's own, and those of
/// networks that nobody else needs.
fn doomed(p: &Project<'_>, env: &Environment, record: &Record) -> Result<Vec<Root>, Failure> {
    // A network that the manifest has it in, and that it was never in, has no addresses.
    let mut draft = record.clone();
    allocate(&p.manifest, &mut draft).map_err(|d| p.s.fail(d))?;
    let mut all = p.compile(env, &draft)?;
    all.reverse();
    let used = p.used(record, &env.slug);
    // Networks that it was in when it was applied, and that the manifest has it no longer in.
    for name in record.with_needs(&env.slug) {
        if name.starts_with("network-") && all.iter().all(|r| r.name != name) {
            all.push(p.remnant(record, &name)?);
        }
    }
    all.retain(|r| match &r.of {
        RootOf::Environment(slug) => *slug == env.slug,
        RootOf::Network(_) => !used.contains(&r.name),
        // Images and the like go with the last environment; an organization stays.
        RootOf::Once => used.is_empty() && p.manifest.organization.is_none(),
    });
    Ok(all)
}

/// The root modules to destroy, if the environment may go.
fn permitted(p: &Project<'_>, env: &Environment) -> Result<Vec<Root>, Failure> {
    let s = p.s;
    let record = p.recorded()?;
    p.live(&record, env)?;
    if env.protect {
        return Err(s.fail(
            Diagnostic::error(
                format!("{} is protected", env.slug),
                format!(
                    "protect = true keeps it, and AWS's own deletion protection is on. If it is really to go, set protect = false, and then:\n  {}",
                    p.command("down", env)
                ),
            )
            .at(env.span),
        ));
    }
    if let Some(by) = linked_by(p, env, &record)? {
        return Err(s.fail(Diagnostic::error(
            format!("{} is in use", env.slug),
            format!("The environment {by} connects to services of it. Take {by} down first, or remove the connection from its uses and run groma up {by}."),
        )));
    }
    let roots = doomed(p, env, &record)?;
    moved::in_place(p, env, &roots)?;
    Ok(roots)
}

/// Destroys root modules that `which` names: it is asked again once their locks are
/// held, since somebody may have come to need them. With them, the networks among them.
fn destroy(
    p: &Project<'_>,
    title: &str,
    doing: &str,
    which: &dyn Fn() -> Result<Vec<Root>, Failure>,
    begin: &dyn Fn() -> Result<(), Failure>,
) -> Result<(apply::Done, Vec<Root>), Failure> {
    let roots = which()?;
    p.check_accounts(&accounts(&roots))?;
    let mut held = p.hold(roots.iter().rev(), doing)?;
    let planned = which().and_then(|roots| {
        let all = roots.iter().map(|r| (r.clone(), PlanMode::Destroy)).collect();
        Ok((roots::plan_all(p, all, Some((&mut held, doing)), None)?, roots))
    });
    p.release(held)?;
    let (planned, roots) = planned?;
    // What destroys needs the outputs that are there now, not planned ones.
    p.s.planned.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
    let began = Cell::new(false);
    let begin = |_| {
        begin()?;
        began.set(true);
        Ok(())
    };
    let done = apply::approve_and_apply(p, title, planned, (true, ""), &begin).inspect_err(|_| {
        if began.get() {
            p.s.ui.line(&format!("\nWhat was finished is recorded. To go on from there:\n  {doing}"));
        }
    })?;
    Ok((done, roots))
}

/// Forgets networks that are gone.
fn forget(r: &mut Record, roots: &[Root]) {
    for root in roots {
        r.roots.remove(&root.name);
        if let RootOf::Network(n) = &root.of {
            r.networks.remove(n);
            r.addresses.remove(&network_key(n));
        }
    }
}

/// Notes that an environment is going.
fn begin_down(p: &Project<'_>, slug: &str) -> Result<(), Failure> {
    p.remember(|r| {
        if let Some(live) = r.environments.get_mut(slug) {
            live.complete = false;
            live.doing = Some(Entry { at: now(), by: p.who(), what: "down".into() });
        }
        Ok(())
    })
    .map(|_| ())
}

fn take_down(p: &Project<'_>, env: &Environment) -> Outcome {
    let s = p.s;
    let doing = p.command("down", env);
    let begin = || begin_down(p, &env.slug);
    let heading = format!("Down: {}", title(p, env));
    let (done, gone) = destroy(p, &heading, &doing, &|| permitted(p, env), &begin)?;
    if done.cancelled {
        s.ui.line("Cancelled: nothing was done.");
        return Ok(1);
    }
    nothing_left(p, &env.slug, &gone, &done)?;
    let (record, ()) = p.remember(|r| {
        r.environments.remove(&env.slug);
        r.addresses.remove(&own_key(&env.slug));
        forget(r, &gone);
        Ok(())
    })?;
    s.ui.message(&change_summary(&done.counts, Summary::Destroy));
    s.ui.line(&format!(
        "\n{} {} destroyed; nothing with its tag is left.",
        s.paint().code("1;32", &format!("{} is down.", env.slug)),
        done.counts.destroy
    ));
    if let Some(text) = kept(p, &record) {
        s.ui.line(text);
    }
    abandoned(p, env, &gone, &doing)
}

/// What stays although the last environment went, for people: an organization has accounts of
/// others in it, and registries are in the same root module.
fn kept(p: &Project<'_>, record: &Record) -> Option<&'static str> {
    let last = record.environments.is_empty() && p.manifest.organization.is_some();
    last.then_some("The organization stays, and so do the registries of images that the platform has once.")
}

/// Asks AWS what is left of root modules that were destroyed, and names it.
fn nothing_left(p: &Project<'_>, what: &str, gone: &[Root], done: &apply::Done) -> Result<(), Failure> {
    let left = p.left(gone)?;
    if left.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = left.iter().map(|l| format!("  - {} {}", l.what, l.id)).collect();
    Err(p.s.fail(Diagnostic::error(
        format!("Something of {what} is left"),
        format!(
            "{} destroyed. But AWS still has these with its tag or that of its network; Groma did not make them, or lost sight of them:\n{}\n\nIf a run was interrupted before, groma up takes over what it made; then run groma down again. Otherwise remove them by hand.",
            done.counts.destroy,
            list.join("\n")
        ),
    )))
}

/// Takes down what nobody needs any more although this run did not take it along: when
/// two environments go at the same time, each leaves their network to the other.
fn abandoned(p: &Project<'_>, env: &Environment, gone: &[Root], doing: &str) -> Outcome {
    let which = || {
        let mut rest = Vec::new();
        let mut record = p.recorded()?;
        // As if it were there still: its root modules need addresses to be compiled.
        let live = Live { name: env.name.clone(), label: env.label.clone(), ..Live::default() };
        record.environments.insert(env.slug.clone(), live);
        allocate(&p.manifest, &mut record).map_err(|d| p.s.fail(d))?;
        for r in doomed(p, env, &record)? {
            let other = !matches!(r.of, RootOf::Environment(_)) && gone.iter().all(|g| g.name != r.name);
            if other && !p.stored(&r.name)?.resources.is_empty() {
                rest.push(r);
            }
        }
        Ok(rest)
    };
    let rest = which()?;
    if rest.is_empty() {
        return Ok(0);
    }
    let names: Vec<&str> = rest.iter().map(|r| r.title.as_str()).collect();
    let heading = format!("Needed by nobody any more: {}", names.join(", "));
    let (done, gone) = destroy(p, &heading, doing, &which, &|| Ok(()))?;
    if done.cancelled {
        p.s.ui.line("It stays. The next environment that goes down will take it along.");
        return Ok(1);
    }
    p.remember(|r| {
        forget(r, &gone);
        Ok(())
    })?;
    p.s.ui.line(&format!("\n{} destroyed.", done.counts.destroy));
    Ok(0)
}

/// An environment that is up and connects to this one.
fn linked_by(p: &Project<'_>, env: &Environment, record: &Record) -> Result<Option<String>, Failure> {
    for (slug, live) in record.environments.iter().filter(|(_, l)| l.name != env.name) {
        let Ok(other) = p.manifest.environment(&live.name, live.label.as_deref()) else {
            if record.roots.get(slug).is_some_and(|k| k.needs.contains(&env.slug)) {
                return Ok(Some(slug.clone()));
            }
            continue;
        };
        let links = other.components.services.values().flat_map(|s| &s.uses).any(|u| {
            matches!(&u.target, groma_platform::UseTarget::Elsewhere { environment, .. } if *environment == env.name)
        });
        if links {
            return Ok(Some(other.slug));
        }
    }
    Ok(None)
}

fn sweep(s: &Session, args: &Args) -> Outcome {
    s.json_messages(args);
    let p = Project { unasked: true, ..Project::open(s, args)? };
    let record = p.recorded()?;
    let expired: Vec<_> = record
        .environments
        .iter()
        .filter(|(_, l)| l.expires.is_some_and(|e| e <= now()))
        .map(|(slug, l)| (slug.clone(), l.clone()))
        .collect();
    if expired.is_empty() {
        s.ui.line("No environment's time is over.");
        return Ok(0);
    }
    let mut failed = false;
    for (slug, live) in expired {
        if args.on("dry-run", false) {
            s.ui.line(&format!("{slug}: its time is over"));
            continue;
        }
        // What keeps one of them must not keep the others.
        let went = match p.remains(&record, &slug, None) {
            Some(remains) => gone::take_down(&p, &remains),
            None => {
                let env = p.manifest.environment(&live.name, live.label.as_deref()).map_err(|d| s.fail(d));
                env.and_then(|env| take_down(&p, &env))
            }
        };
        match went {
            Ok(code) => failed |= code != 0,
            Err(Failure::Reported) => failed = true,
            Err(Failure::Message(text)) => {
                s.ui.err(&format!("\nError: {text}\n\n"));
                failed = true;
            }
        }
    }
    Ok(u8::from(failed))
}
