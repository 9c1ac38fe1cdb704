//! Taking down what the manifest says nothing of any more.

use super::{begin_down, destroy, forget, nothing_left};
use crate::commands::{Failure, Outcome};
use crate::platform::Project;
use crate::platform::remains::Remains;
use groma_engine::json::stream::{Summary, change_summary};
use groma_lang::Diagnostic;
use groma_platform::compile::{ONCE, Root};
use groma_platform::record::{Record, own_key};

/// For people: where something is.
fn place(p: &Project<'_>, region: &str, account: &str, id: &str) -> String {
    let sandbox = if p.sandbox { ", in the sandbox" } else { "" };
    format!("({region}, account {account} {id}{sandbox})")
}

/// The root modules that go with an environment that is not declared.
fn doomed(p: &Project<'_>, remains: &Remains) -> Result<Vec<Root>, Failure> {
    let record = p.recorded()?;
    if !record.environments.contains_key(&remains.slug) {
        return Err(p.s.fail(Diagnostic::error(
            format!("{} is not up", remains.slug),
            "Another run took it down in the meantime.",
        )));
    }
    if let Some(by) = needed_by(&record, &remains.slug) {
        return Err(p.s.fail(Diagnostic::error(
            format!("{} is in use", remains.slug),
            format!("The environment {by} connects to services of it. Take {by} down first."),
        )));
    }
    let used = p.used(&record, &remains.slug);
    let mut out = Vec::new();
    for name in record.with_needs(&remains.slug) {
        let own = name == remains.slug;
        // An organization stays, and so does another environment.
        let goes = match name.starts_with("network-") {
            true => !used.contains(&name),
            false => own || name == ONCE && used.is_empty() && p.manifest.organization.is_none(),
        };
        if goes {
            out.push(p.remnant(&record, &name)?);
        }
    }
    Ok(out)
}

/// Another environment that needs the outputs of one.
fn needed_by(record: &Record, slug: &str) -> Option<String> {
    let others = record.environments.keys().filter(|s| *s != slug);
    let mut needs =
        others.filter(|s| record.roots.get(*s).is_some_and(|k| k.needs.iter().any(|n| n == slug)));
    needs.next().cloned()
}

/// Takes an environment down that is not declared.
pub fn take_down(p: &Project<'_>, remains: &Remains) -> Outcome {
    let (s, slug, kept) = (p.s, &remains.slug, &remains.kept);
    let name = &remains.live.name;
    let block = match &remains.live.label {
        None => format!("environment \"{name}\" {{ protect = false }}"),
        Some(_) => format!("environment \"{name}\" {{ each = ... }}"),
    };
    if kept.protect {
        return Err(s.fail(Diagnostic::error(
            format!("{slug} is protected"),
            format!(
                "The manifest no longer declares it, but it was brought up with protect = true, and AWS's own deletion protection is on. If it is really to go, declare it again as it was, with protect = false ({block}), and run:\n  {}\n  {}",
                p.command_for("up", remains.live.label.as_deref(), name),
                p.command_for("down", remains.live.label.as_deref(), name)
            ),
        )));
    }
    let account = p.account_of(kept);
    p.check_account(&account, &kept.region)?;
    let doing = p.command_for("down", None, slug);
    let heading = format!(
        "Down: {} {slug} {}, which groma.hcl no longer declares",
        p.manifest.platform.name,
        place(p, &kept.region, &account.name, &account.id)
    );
    let begin = || begin_down(p, slug);
    let (done, gone) = destroy(p, &heading, &doing, &|| doomed(p, remains), &begin)?;
    if done.cancelled {
        s.ui.line("Cancelled: nothing was done.");
        return Ok(1);
    }
    nothing_left(p, slug, &gone, &done)?;
    let (record, ()) = p.remember(|r| {
        r.environments.remove(slug);
        r.addresses.remove(&own_key(slug));
        forget(r, &gone);
        Ok(())
    })?;
    s.ui.message(&change_summary(&done.counts, Summary::Destroy));
    s.ui.line(&format!(
        "\n{} {} destroyed; nothing with its tag is left.",
        s.paint().code("1;32", &format!("{slug} is down.")),
        done.counts.destroy
    ));
    if let Some(text) = super::kept(p, &record) {
        s.ui.line(text);
    }
    Ok(0)
}

/// Takes a network down that no environment is in.
pub fn network_down(p: &Project<'_>, name: &str) -> Outcome {
    let s = p.s;
    let root = format!("network-{name}");
    let which = || {
        let record = p.recorded()?;
        if !record.networks.contains(name) && !record.roots.contains_key(&root) {
            return Err(s.fail(Diagnostic::error(
                format!("The network {name} is not there"),
                match record.networks.is_empty() {
                    true => {
                        "No network is up: those that are declared come and go with the environments in them."
                            .to_owned()
                    }
                    false => format!(
                        "There {}: {}.",
                        if record.networks.len() == 1 { "is one" } else { "are others" },
                        record.networks.iter().cloned().collect::<Vec<_>>().join(", ")
                    ),
                },
            )));
        }
        let users: Vec<&String> =
            record.environments.keys().filter(|e| record.with_needs(e).contains(&root)).collect();
        if !users.is_empty() || p.used(&record, "").contains(&root) {
            let users: Vec<String> = users.into_iter().cloned().collect();
            return Err(s.fail(Diagnostic::error(
                format!("The network {name} is in use"),
                format!(
                    "It goes with the last environment in it. In it {}: {}.",
                    if users.len() == 1 { "is" } else { "are" },
                    users.join(", ")
                ),
            )));
        }
        Ok(vec![p.remnant(&record, &root)?])
    };
    let kept = p.kept(&p.recorded()?, &root);
    let account = p.account_of(&kept);
    p.check_account(&account, &kept.region)?;
    let doing = format!("{} network.{name}", p.command_for("down", None, ""));
    let heading = format!(
        "Down: {} network {name} {}, which no environment is in",
        p.manifest.platform.name,
        place(p, &kept.region, &account.name, &account.id)
    );
    let (done, gone) = destroy(p, &heading, &doing, &which, &|| Ok(()))?;
    if done.cancelled {
        s.ui.line("Cancelled: nothing was done.");
        return Ok(1);
    }
    nothing_left(p, &format!("the network {name}"), &gone, &done)?;
    p.remember(|r| {
        forget(r, &gone);
        Ok(())
    })?;
    s.ui.message(&change_summary(&done.counts, Summary::Destroy));
    s.ui.line(&format!(
        "\n{} {} destroyed.",
        s.paint().code("1;32", &format!("The network {name} is down.")),
        done.counts.destroy
    ));
    Ok(0)
}
