//! `remote-exec` and `file`: scripts and files on another machine.

use super::connection::{Connection, connection};
use super::{Run, SUPPRESSED};
use crate::scope::ModuleScope;
use groma_config::Provisioner;
use groma_lang::{Body, Diagnostics};
use groma_remote::{Ending, Error, Session};
use groma_value::schema::{Attribute, Block};
use groma_value::{Type, Value};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

pub(super) static REMOTE_EXEC: LazyLock<Block> = LazyLock::new(|| {
    Block::of_attributes([
        ("inline", Attribute::optional(Type::list(Type::String))),
        ("script", Attribute::optional(Type::String)),
        ("scripts", Attribute::optional(Type::list(Type::String))),
    ])
});

pub(super) static FILE: LazyLock<Block> = LazyLock::new(|| {
    Block::of_attributes([
        ("source", Attribute::optional(Type::String)),
        ("content", Attribute::optional(Type::String)),
        ("destination", Attribute::required(Type::String)),
    ])
});

/// Scripts may have secrets in them, and only who connects runs them. Terraform lets
/// everybody on the machine read and change them.
const MODE_OF_SCRIPTS: u32 = 0o700;
const MODE_OF_FILES: u32 = 0o644;

/// What schemas do not say of the arguments.
pub(super) fn check(p: &Provisioner, config: &Value, diags: &mut Diagnostics) {
    let given = |names: &[&str]| {
        let is_given = |name: &&&str| config.get_attr(name).is_some_and(|v| !v.is_null());
        names.iter().filter(is_given).count()
    };
    let (wanted, count) = match &*p.ty.name {
        "remote-exec" => ("inline, script and scripts", given(&["inline", "script", "scripts"])),
        "file" => ("source and content", given(&["source", "content"])),
        _ => return,
    };
    if count != 1 {
        let summary = format!("Invalid {} provisioner configuration", p.ty.name);
        let there = if count == 0 { "None is" } else { "More are" };
        diags.error(p.span, summary, format!("Exactly one of {wanted} has to be given. {there} here."));
    }
}

/// Connects, and does what the block says. An interrupt ends the connection.
pub(super) async fn run(
    run: &Run<'_>,
    common: Option<&Body>,
    scope: &ModuleScope<'_>,
) -> Result<(), Diagnostics> {
    let connection = connection(run, common, scope)?;
    let work = async {
        match &*run.provisioner.ty.name {
            "remote-exec" => remote_exec(run, &connection).await,
            _ => file(run, &connection).await,
        }
    };
    tokio::select! {
        done = work => done,
        () = run.walk.cx.interrupt.reached(1) => Err(run.failure(format!(
            "It was interrupted, so the connection to {} was ended; what was running there may not have finished.",
            connection.name
        ))),
    }
}

async fn connect(run: &Run<'_>, connection: &Connection) -> Result<Session, Diagnostics> {
    let mut said = None;
    let mut retrying = |e: &Error| {
        // A machine that starts refuses many times.
        if said.as_ref() != Some(e) {
            run.tell(connection.shown(&format!("{e} Trying again.")));
            said = Some(e.clone());
        }
    };
    groma_remote::connect(&connection.settings, &mut retrying)
        .await
        .map_err(|e| run.failure(connection.shown(&e.to_string())))
}

/// A script and what it is called in errors.
struct Script {
    name: String,
    text: Vec<u8>,
}

async fn remote_exec(run: &Run<'_>, connection: &Connection) -> Result<(), Diagnostics> {
    let scripts = scripts(run)?;
    let s = &connection.settings;
    let mut means = Vec::new();
    let given = [
        ("a password", s.machine.password.is_some()),
        ("a private key", s.machine.private_key.is_some()),
        ("a certificate", s.machine.certificate.is_some()),
        ("the SSH agent", s.agent.is_some()),
        ("a check of the host key", s.machine.host_key.is_some()),
    ];
    means.extend(given.iter().filter(|(_, there)| *there).map(|(what, _)| *what));
    let with = if means.is_empty() { String::new() } else { format!(" with {}", means.join(", ")) };
    if run.secret {
        run.tell(SUPPRESSED.into());
    } else {
        run.tell(format!("Connecting to {} over SSH{with}...", connection.name));
        if let Some(b) = &s.bastion {
            run.tell(connection.shown(&format!("  through the bastion {}:{}", b.host, b.port)));
        }
        if let Some(p) = &s.proxy {
            run.tell(connection.shown(&format!("  through the proxy {}:{}", p.host, p.port)));
        }
    }
    let session = connect(run, connection).await?;
    if !run.secret {
        run.tell("Connected.".into());
    }
    for script in scripts {
        let number = uuid::Uuid::new_v4().as_u128() % (1 << 31);
        let path = connection.script_path.replace("%RAND%", &number.to_string());
        one_script(run, connection, &session, &script, &path).await?;
    }
    session.close().await;
    Ok(())
}

async fn one_script(
    run: &Run<'_>,
    connection: &Connection,
    session: &Session,
    script: &Script,
    path: &str,
) -> Result<(), Diagnostics> {
    let windows = connection.settings.windows;
    let failed = |e: Error| run.failure(connection.shown(&format!("{} cannot be run. {e}", script.name)));
    let mut text = script.text.clone();
    if !windows && !text.starts_with(b"#!") {
        text.splice(..0, *b"#!/bin/sh\n");
    }
    session.upload(path, &text, MODE_OF_SCRIPTS).await.map_err(failed)?;
    let quoted = session.quote(path);
    if !windows {
        // A file that was there has kept its mode.
        let mut said = Vec::new();
        let command = format!("chmod {MODE_OF_SCRIPTS:04o} {quoted}");
        let ending = session.run(&command, &mut |l| said.push(l)).await.map_err(failed)?;
        if ending != Ending::Status(0) {
            return Err(run.failure(format!("{command:?} {ending}: {}", said.join(" "))));
        }
    }
    let ending = session
        .run(&quoted, &mut |line| {
            if !run.secret {
                run.tell(line)
            }
        })
        .await
        .map_err(failed)?;
    // It may have secrets in it, whatever came of it. That it is gone may be its own doing.
    let _ = if windows {
        session.upload(path, b"", MODE_OF_SCRIPTS).await
    } else {
        session.run(&format!("rm -f {quoted}"), &mut |_| ()).await.map(|_| ())
    };
    match ending {
        Ending::Status(0) => Ok(()),
        Ending::Status(126 | 127) if windows => Err(run.failure(format!("{} {ending}.", script.name))),
        Ending::Status(127) => Err(run.failure(format!(
            "{} {ending}: what is run there, or the interpreter in its first line, was not found. It was {path:?}; script_path of the connection has to be absolute.",
            script.name
        ))),
        Ending::Status(126) => Err(run.failure(format!(
            "{} {ending}: {path:?} may not be run there. Where that file system is mounted without \"exec\", script_path of the connection names another place.",
            script.name
        ))),
        _ => Err(run.failure(format!("{} {ending}.", script.name))),
    }
}

/// What is to be run, in order.
fn scripts(run: &Run<'_>) -> Result<Vec<Script>, Diagnostics> {
    let text = |value: &Value, what: &str| match value.as_str().filter(|s| !s.is_empty()) {
        Some(s) => Ok(s.to_owned()),
        None => Err(run.failure(format!("{what} has to be known, and neither null nor empty."))),
    };
    let inline = run.get("inline");
    if let Some(lines) = inline.as_elements() {
        let lines: Vec<String> =
            lines.iter().map(|l| text(l, "Each line of inline")).collect::<Result<_, _>>()?;
        if lines.is_empty() {
            return Err(run.failure("inline has no line, so there is nothing to run."));
        }
        let text = (lines.join("\n") + "\n").into_bytes();
        return Ok(vec![Script { name: "The script of inline".into(), text }]);
    }
    let list = run.get("scripts");
    let names = match list.as_elements() {
        Some(all) => all.iter().map(|s| text(s, "Each of scripts")).collect::<Result<Vec<_>, _>>()?,
        None => vec![text(&run.get("script"), "script")?],
    };
    let read = |name: String| match std::fs::read(&name) {
        Ok(text) => Ok(Script { name: format!("The script {name}"), text }),
        Err(e) => Err(run.failure(format!("The script {name} cannot be read: {e}."))),
    };
    names.into_iter().map(read).collect()
}

async fn file(run: &Run<'_>, connection: &Connection) -> Result<(), Diagnostics> {
    let known = |name: &str| match run.get(name) {
        v if v.is_null() => Ok(None),
        v => {
            v.as_str().map(|s| Some(s.to_owned())).ok_or_else(|| run.failure(format!("{name} is not known.")))
        }
    };
    let Some(destination) = known("destination")?.filter(|d| !d.is_empty()) else {
        return Err(run.failure("destination is null or empty, so it is not said where to."));
    };
    let failed = |e: Error| {
        run.failure(
            connection.shown(&format!("{destination:?} on {} cannot be written. {e}", connection.name)),
        )
    };
    if let Some(content) = known("content")? {
        let session = connect(run, connection).await?;
        session.upload(&destination, content.as_bytes(), MODE_OF_FILES).await.map_err(failed)?;
        session.close().await;
        return Ok(());
    }
    let Some(given) = known("source")? else {
        return Err(run.failure("source and content are both null."));
    };
    let source = in_home(&given, run.walk.cx.functions.home_dir.as_deref());
    let about = std::fs::metadata(&source)
        .map_err(|e| run.failure(format!("The source {} cannot be read: {e}.", source.display())))?;
    let session = connect(run, connection).await?;
    let uploaded = if about.is_dir() {
        session.upload_folder(&destination, &source, given.ends_with('/')).await
    } else {
        session.upload_file(&destination, &source).await
    };
    uploaded.map_err(failed)?;
    session.close().await;
    Ok(())
}

/// A name with `~` for the home directory.
fn in_home(name: &str, home: Option<&Path>) -> PathBuf {
    match (name.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home.to_owned(),
        (Some(rest), Some(home)) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => PathBuf::from(name),
    }
}
