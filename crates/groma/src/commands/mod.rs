//! The commands: one file each, one table for all.

pub mod apply;
pub mod completion;
pub mod console;
pub mod docs;
pub mod down;
pub mod eject;
pub mod explain;
pub mod fmt;
pub mod force_unlock;
pub mod get;
pub mod graph;
pub mod import;
pub mod init;
pub mod login;
pub mod modules;
pub mod output;
pub mod plan;
pub mod prove;
pub mod providers;
pub mod query;
pub mod reach;
pub mod refresh;
pub mod show;
pub mod state_list;
pub mod state_mv;
pub mod state_pull;
pub mod state_push;
pub mod state_replace_provider;
pub mod state_rm;
pub mod state_show;
pub mod status;
pub mod taint;
pub mod test;
pub mod up;
pub mod validate;
pub mod version;
pub mod workspace;

use crate::args::{self, Args, Flag};
use crate::operation::JSON_LINES;
use crate::session::Session;
use groma_lang::{Diagnostic, Sources};
use std::path::Path;
use std::sync::atomic::Ordering;

/// Why a command ended early.
#[derive(Debug)]
pub enum Failure {
    /// Diagnostics were shown already.
    Reported,
    /// A message to be shown, with the remedy.
    Message(String),
}

impl From<String> for Failure {
    fn from(s: String) -> Failure {
        Failure::Message(s)
    }
}

/// What a command gives: its exit code.
pub type Outcome = Result<u8, Failure>;

/// A command.
pub struct Command {
    /// Its name; of subcommands, both words.
    pub name: &'static str,
    /// What follows the name in the usage line.
    pub usage: &'static str,
    /// One line for the list of commands.
    pub summary: &'static str,
    /// A paragraph or two for its own help.
    pub help: &'static str,
    /// Its flags.
    pub flags: &'static [&'static [Flag]],
    /// What it does.
    pub run: fn(&Session, &Args) -> Outcome,
    /// Whether it is among the main commands.
    pub main: bool,
}

/// All commands in the order of the help.
pub static COMMANDS: &[&Command] = &[
    &up::COMMAND,
    &up::DIFF,
    &down::COMMAND,
    &status::COMMAND,
    &status::ENVS,
    &up::PARK,
    &up::RESUME,
    &up::SCALE,
    &down::SWEEP,
    &eject::COMMAND,
    &docs::COMMAND,
    &prove::COMMAND,
    &reach::COMMAND,
    &init::COMMAND,
    &validate::COMMAND,
    &plan::COMMAND,
    &apply::COMMAND,
    &apply::DESTROY,
    &console::COMMAND,
    &explain::COMMAND,
    &fmt::COMMAND,
    &force_unlock::COMMAND,
    &get::COMMAND,
    &graph::COMMAND,
    &import::COMMAND,
    &login::COMMAND,
    &login::LOGOUT,
    &modules::FUNCTIONS,
    &modules::COMMAND,
    &output::COMMAND,
    &providers::COMMAND,
    &query::COMMAND,
    &providers::LOCK_COMMAND,
    &providers::MIRROR,
    &providers::SCHEMA,
    &refresh::COMMAND,
    &show::COMMAND,
    &state_list::COMMAND,
    &state_mv::COMMAND,
    &state_pull::COMMAND,
    &state_push::COMMAND,
    &state_replace_provider::COMMAND,
    &state_rm::COMMAND,
    &state_show::COMMAND,
    &taint::TAINT,
    &taint::UNTAINT,
    &test::COMMAND,
    &version::COMMAND,
    &workspace::DELETE,
    &workspace::LIST,
    &workspace::NEW,
    &workspace::SELECT,
    &workspace::SHOW,
];

/// Runs the command line `argv` (without the program's name).
pub fn run(argv: Vec<String>) -> Outcome {
    let env: std::collections::BTreeMap<String, String> = std::env::vars().collect();
    if let Some(line) = env.get("COMP_LINE") {
        let line = env.get("COMP_POINT").and_then(|p| line.get(..p.parse().ok()?)).unwrap_or(line);
        let found = completion::candidates(line, &workspace::names_here(&env));
        crate::ui::Ui::new(true).out(&found.iter().map(|c| format!("{c}\n")).collect::<String>());
        return Ok(0);
    }
    let mut rest = argv.into_iter().peekable();
    let mut chdir = None;
    let mut help = false;
    let mut version = false;
    while let Some(a) = rest.peek() {
        let Some(name) = a.strip_prefix("--").or_else(|| a.strip_prefix('-')) else { break };
        match name.split_once('=') {
            Some(("chdir", dir)) => chdir = Some(dir.to_owned()),
            _ if matches!(name, "install-autocomplete" | "uninstall-autocomplete") => {
                let program =
                    std::env::current_exe().map_err(|e| format!("The program cannot be found: {e}."))?;
                let text = completion::install(&env, &program, name.starts_with("un"))?;
                crate::ui::Ui::new(true).out(&text);
                return Ok(0);
            }
            _ if name == "help" || name == "h" => help = true,
            _ if name == "version" || name == "v" => version = true,
            _ if name == "chdir" => {
                return Err("The flag -chdir needs a directory: -chdir=DIR".to_owned().into());
            }
            _ => return Err(format!("There is no global flag {a}. See groma -help.").into()),
        }
        rest.next();
    }
    let mut words: Vec<String> = rest.collect();
    if version {
        words = vec!["version".into()];
    }
    let ui = crate::ui::Ui::new(env.contains_key("NO_COLOR"));
    if words.is_empty() {
        ui.out(&overview());
        return Ok(if help { 0 } else { 127 });
    }
    let two = words.get(1).map(|w| format!("{} {w}", words[0]));
    let by = |name: &str| COMMANDS.iter().find(|c| c.name == name).copied();
    let (command, used) = match two.as_deref().and_then(by) {
        Some(c) => (c, 2),
        None => match by(&words[0]) {
            Some(c) => (c, 1),
            None => return Err(unknown(&words).into()),
        },
    };
    let mut given: Vec<String> = words.split_off(used);
    let key = command.name.replace([' ', '-'], "_");
    let mut extra = Vec::new();
    for var in ["TF_CLI_ARGS".to_owned(), format!("TF_CLI_ARGS_{key}")] {
        if let Some(v) = env.get(&var) {
            extra.extend(shell_words(v).map_err(|e| format!("{var} cannot be split into words: {e}"))?);
        }
    }
    extra.append(&mut given);
    let flags: Vec<Flag> = command.flags.iter().flat_map(|f| f.iter().copied()).collect();
    if help || extra.iter().any(|a| matches!(a.as_str(), "-help" | "--help" | "-h")) {
        ui.out(&command_help(command));
        return Ok(0);
    }
    let lines = flags.iter().any(|f| f.help == JSON_LINES.help)
        && extra
            .iter()
            .any(|a| matches!(a.trim_start_matches('-'), "json" | "json=true") && a.starts_with('-'));
    let session = prepare(command, &flags, &extra, env, chdir.as_deref());
    let (session, result) = match session {
        Ok((session, args)) => {
            let result = (command.run)(&session, &args);
            (Some(session), result)
        }
        Err(e) => (None, Err(e)),
    };
    match result {
        Err(Failure::Message(text)) if lines => {
            // Who reads lines has nothing from a text.
            let own = crate::ui::Ui::new(true);
            let ui = session.as_ref().map_or(&own, |s| &s.ui);
            if !ui.json.swap(true, Ordering::Relaxed) {
                ui.message(&groma_engine::json::stream::version());
            }
            ui.diags(&diagnostic(&text).into(), &Sources::new());
            Err(Failure::Reported)
        }
        result => result,
    }
}

/// The session of a command, and its arguments.
fn prepare(
    command: &Command,
    flags: &[Flag],
    given: &[String],
    env: std::collections::BTreeMap<String, String>,
    chdir: Option<&str>,
) -> Result<(Session, Args), Failure> {
    let args = args::parse(flags, given)
        .map_err(|e| format!("Error: {e}\n\nFor the flags of this command: groma {} -help", command.name))?;
    // Commands whose usage names no argument take none.
    if !args.rest.is_empty() && matches!(command.usage, "[flags]" | "-json" | "") {
        return Err(format!(
            "Too many arguments\n\ngroma {} takes no arguments besides flags, but was given {:?}. A flag's value is written as -flag=VALUE.",
            command.name,
            args.rest.join(" ")
        )
        .into());
    }
    let original =
        std::env::current_dir().map_err(|e| format!("The working directory cannot be read: {e}"))?;
    if let Some(dir) = chdir {
        std::env::set_current_dir(Path::new(dir))
            .map_err(|e| format!("Error handling -chdir option: cannot change to {dir:?}: {e}"))?;
    }
    Ok((Session::new(env, original, &args)?, args))
}

/// A message as a diagnostic: its first line is the summary.
fn diagnostic(text: &str) -> Diagnostic {
    let text = text.trim();
    let text = text.strip_prefix("Error: ").unwrap_or(text);
    let (summary, detail) = text.split_once('\n').unwrap_or((text, ""));
    Diagnostic::error(summary.trim(), detail.trim())
}

fn unknown(words: &[String]) -> String {
    let name = &words[0];
    let group: Vec<&str> =
        COMMANDS.iter().map(|c| c.name).filter(|n| n.starts_with(&format!("{name} "))).collect();
    if !group.is_empty() {
        let mut s = format!("Usage: groma {name} <subcommand>\n\nSubcommands:\n");
        for c in COMMANDS.iter().filter(|c| c.name.starts_with(&format!("{name} "))) {
            s.push_str(&format!("    {:22}{}\n", &c.name[name.len() + 1..], c.summary));
        }
        return s;
    }
    let near = groma_lang::diag::suggest(name, COMMANDS.iter().map(|c| c.name));
    let hint = near.map(|n| format!(" Did you mean {n:?}?")).unwrap_or_default();
    format!("Groma has no command named {name:?}.{hint}\n\nTo see all commands: groma -help")
}

fn overview() -> String {
    let mut out = String::from("Usage: groma [global flags] <command> [flags]\n\nMain commands:\n");
    let list = |main: bool, out: &mut String| {
        for c in COMMANDS.iter().filter(|c| c.main == main) {
            out.push_str(&format!("  {:28}{}\n", c.name, c.summary));
        }
    };
    list(true, &mut out);
    out.push_str("\nAll other commands:\n");
    list(false, &mut out);
    out.push_str(
        "\nGlobal flags (before the command):\n  -chdir=DIR    Work in DIR instead of the current directory.\n  -help         Show this text, or the help of the command.\n  -version      The same as the command version.\n  -install-autocomplete, -uninstall-autocomplete\n                Set up completion in bash, zsh and fish, or remove it.\n",
    );
    out
}

fn command_help(c: &Command) -> String {
    let mut out = format!("Usage: groma {} {}\n\n", c.name, c.usage).replace(" \n", "\n");
    for l in wrap(c.help, 76) {
        out.push_str(&format!("  {l}\n"));
    }
    let mut any = false;
    for f in c.flags.iter().flat_map(|f| f.iter()) {
        if !any {
            out.push_str("\nFlags:\n");
            any = true;
        }
        let name = if f.placeholder.is_empty() {
            format!("-{}", f.name)
        } else {
            format!("-{}={}", f.name, f.placeholder)
        };
        let text = wrap(f.help, 52);
        for (i, l) in text.iter().enumerate() {
            if i == 0 && name.len() <= 22 {
                out.push_str(&format!("\n  {name:24}{l}\n"));
            } else if i == 0 {
                out.push_str(&format!("\n  {name}\n  {:24}{l}\n", ""));
            } else {
                out.push_str(&format!("  {:24}{l}\n", ""));
            }
        }
    }
    out
}

/// Words of `text` in lines of at most `width` characters; paragraphs stay.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut out = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
                out.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        out.push(line);
    }
    out
}

/// Splits as a shell does: spaces, single and double quotes, backslashes.
fn shell_words(text: &str) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            (_, '\\') => word.get_or_insert_default().push(chars.next().ok_or("it ends in a backslash")?),
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => out.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed".into());
    }
    out.extend(word);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_shell() {
        assert_eq!(shell_words(r#"-a 'b c' "d\" e" f\ g ''"#).unwrap(), ["-a", "b c", "d\" e", "f g", ""]);
        assert!(shell_words("'x").is_err());
    }
}
