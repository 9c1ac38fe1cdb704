//! `local-exec`: a command on this machine.

use super::{Run, SUPPRESSED};
use groma_lang::Diagnostics;
use groma_value::schema::{Attribute, Block};
use groma_value::{Fields, Type, Value};
use std::process::Stdio;
use std::sync::LazyLock;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

pub(super) static SCHEMA: LazyLock<Block> = LazyLock::new(|| {
    Block::of_attributes([
        ("command", Attribute::required(Type::String)),
        ("interpreter", Attribute::optional(Type::list(Type::String))),
        ("working_dir", Attribute::optional(Type::String)),
        ("environment", Attribute::optional(Type::map(Type::String))),
        ("quiet", Attribute::optional(Type::Bool)),
    ])
});

/// Runs the command and waits for it.
pub(super) async fn run(run: &Run<'_>) -> Result<(), Diagnostics> {
    let fail = |text: String| Err(run.failure(text));
    let command_value = run.get("command");
    let Some(command) = command_value.as_str().filter(|c| !c.is_empty()) else {
        return fail("The command must be known and not empty.".into());
    };
    let interpreter_value = run.get("interpreter");
    let words: Vec<&str> =
        interpreter_value.as_elements().unwrap_or_default().iter().filter_map(Value::as_str).collect();
    let words = if words.is_empty() { vec!["/bin/sh", "-c"] } else { words };
    let mut child = tokio::process::Command::new(words[0]);
    child.args(&words[1..]).arg(command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    child.kill_on_drop(true);
    if let Some(dir) = run.get("working_dir").as_str() {
        child.current_dir(dir);
    }
    for (k, v) in run.get("environment").as_fields().into_iter().flat_map(Fields::iter) {
        if let Some(v) = v.as_str() {
            child.env(&**k, v);
        }
    }
    let quiet = run.get("quiet").as_bool().unwrap_or_default();
    if run.secret {
        run.tell(SUPPRESSED.into());
    } else if quiet {
        run.tell("running quietly".into());
    } else {
        let all: Vec<String> = words.iter().chain([&command]).map(|w| format!("{w:?}")).collect();
        run.tell(format!("Executing: [{}]", all.join(" ")));
    }
    let mut running = match child.spawn() {
        Ok(c) => c,
        Err(e) => return fail(format!("{:?} cannot be started: {e}.", words[0])),
    };
    let mut tail = Vec::new();
    let (out, err) = (running.stdout.take(), running.stderr.take());
    let mut lines = |line: String| {
        if tail.len() == 40 {
            tail.remove(0);
        }
        tail.push(line.clone());
        if !run.secret {
            run.tell(line);
        }
    };
    read_both(out, err, &mut lines).await;
    let status = match running.wait().await {
        Ok(s) => s,
        Err(e) => return fail(format!("The command cannot be waited for: {e}.")),
    };
    if status.success() {
        return Ok(());
    }
    let shown = if run.secret {
        "(suppressed: it was made with a sensitive value)".into()
    } else {
        tail.join("\n  ")
    };
    fail(format!("The command failed: {status}. Its last output:\n  {shown}"))
}

/// Reads two streams line by line as they come.
async fn read_both(
    out: Option<impl AsyncRead + Unpin>,
    err: Option<impl AsyncRead + Unpin>,
    line: &mut dyn FnMut(String),
) {
    let (mut out, mut err) = (out.map(|o| BufReader::new(o).lines()), err.map(|e| BufReader::new(e).lines()));
    loop {
        tokio::select! {
            l = async { match &mut out { Some(o) => o.next_line().await, None => std::future::pending().await } } => match l {
                Ok(Some(l)) => line(l),
                _ => out = None,
            },
            l = async { match &mut err { Some(e) => e.next_line().await, None => std::future::pending().await } } => match l {
                Ok(Some(l)) => line(l),
                _ => err = None,
            },
        }
        if out.is_none() && err.is_none() {
            return;
        }
    }
}
