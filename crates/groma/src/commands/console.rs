//! `groma console`

use super::{Command, Outcome};
use crate::args::{Args, Flag, switch, value};
use crate::operation::{self, COMMON_FLAGS, VARIABLE_FLAGS};
use crate::session::Session;
use groma_config::Config;
use groma_engine::{Evaluation, ModuleScope, PlanMode, Quiet};
use groma_lang::console_format::{format_console, format_type};
use groma_lang::{Diagnostic, Diagnostics, ExprKind};
use groma_value::Mark;
use groma_value::addr::ModuleInstance;
use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;

const FLAGS: &[Flag] = &[
    value("state", "PATH", "The state file to read."),
    switch("plan", "Make a plan first, and give resources the values that are planned for them."),
];

/// The command.
pub static COMMAND: Command = Command {
    name: "console",
    usage: "[flags]",
    summary: "Try expressions against the state",
    help: "Reads expressions, one a line, and prints their values. Resources have the values that the state has for them. Ends with \"exit\" or at the end of input.",
    flags: &[FLAGS, VARIABLE_FLAGS, &[operation::SANDBOX], COMMON_FLAGS],
    run,
    main: false,
};

fn run(s: &Session, args: &Args) -> Outcome {
    let mut diags = Diagnostics::new();
    // Expressions can be tried without any configuration.
    let config: Arc<Config> = Arc::new(s.config(&mut diags));
    s.check(&diags)?;
    let state = s.read_state(args)?;
    let ready = s.ready(args, config, &state, Arc::new(Quiet), &mut diags)?;
    s.ui.diags(&diags, &s.sources);
    let talk = |e: &Evaluation<'_>| {
        let Some(scope) = e.scope(&ModuleInstance::root()) else { return 1 };
        session(s, &scope)
    };
    if args.on("plan", false) {
        s.watch_interrupts(&ready.pool);
        let options = operation::plan_options(args, ready.variables.clone(), PlanMode::Normal)?;
        let plan = groma_engine::plan_then(&ready.context, &state, &options, talk);
        let Some((_, found, result)) = operation::run(s, plan) else {
            return Err("The plan was abandoned.".to_owned().into());
        };
        s.ui.diags(&found, &s.sources);
        return Ok(if found.has_errors() { 1 } else { result });
    }
    let (result, found) = groma_engine::evaluate_state(&ready.context, &state, &ready.variables, talk);
    s.ui.diags(&found, &s.sources);
    Ok(result)
}

fn session(s: &Session, scope: &ModuleScope<'_>) -> u8 {
    let interactive = std::io::stdin().is_terminal();
    let mut failed = false;
    let mut pending = String::new();
    let mut last = None;
    let mut lines = std::io::stdin().lock().lines();
    loop {
        if interactive {
            s.ui.out(if pending.is_empty() { "> " } else { ". " });
            let _ = std::io::stdout().flush();
        }
        let Some(Ok(line)) = lines.next() else { break };
        pending.push_str(&line);
        if interactive && open_brackets(&pending) {
            pending.push('\n');
            continue;
        }
        let text = std::mem::take(&mut pending);
        match text.trim() {
            "" => continue,
            "exit" | "quit" => break,
            "help" => {
                s.ui.line("Type an expression, such as var.name or length(\"abc\"). \"exit\" leaves.");
                continue;
            }
            _ => {}
        }
        match evaluate(s, scope, &text) {
            Ok(out) if interactive => s.ui.line(&out),
            // Of a list of expressions only the last result is wanted.
            Ok(out) => last = Some(out),
            Err(diags) => {
                failed = true;
                s.ui.diags(&diags, &s.sources);
                if !interactive {
                    return 1;
                }
            }
        }
    }
    if let Some(out) = last {
        s.ui.line(&out);
    }
    u8::from(failed && !interactive)
}

fn evaluate(s: &Session, scope: &ModuleScope<'_>, text: &str) -> Result<String, Diagnostics> {
    let mut diags = Diagnostics::new();
    let file = s.sources.add("<console-input>", text);
    let Some(expr) = groma_lang::syntax::parse_expr(&file, &mut diags) else { return Err(diags) };
    if diags.has_errors() {
        return Err(diags);
    }
    // type() is a function of the console alone: its result is no value.
    if let ExprKind::Call { name, args, .. } = &expr.kind
        && &*name.name == "type"
    {
        let [arg] = &args[..] else {
            return Err(Diagnostic::error("Invalid call of type()", "type() takes exactly one argument.")
                .at(expr.span)
                .into());
        };
        let v = groma_lang::eval::evaluate(arg, scope, &mut diags);
        return if diags.has_errors() { Err(diags) } else { Ok(format_type(&v.ty())) };
    }
    let v = groma_lang::eval::evaluate(&expr, scope, &mut diags);
    if diags.has_errors() {
        return Err(diags);
    }
    if v.marks().is_sensitive() {
        return Ok("(sensitive value)".into());
    }
    if v.has_mark(&Mark::Ephemeral) {
        return Ok("(ephemeral value)".into());
    }
    Ok(format_console(&v))
}

/// Whether the text so far ends inside of brackets, so that it goes on.
fn open_brackets(text: &str) -> bool {
    let mut depth = 0i32;
    let mut in_string = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if in_string => {
                chars.next();
            }
            '"' => in_string = !in_string,
            '(' | '[' | '{' if !in_string => depth += 1,
            ')' | ']' | '}' if !in_string => depth -= 1,
            _ => {}
        }
    }
    depth > 0
}
