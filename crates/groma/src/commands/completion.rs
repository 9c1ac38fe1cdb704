//! Completion in shells: the shell runs the program with the line so far in `COMP_LINE`, as
//! `complete -C` of bash does, and reads one candidate a line.

use super::{COMMANDS, Command, Failure};
use crate::args::Takes;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The candidates for the last word of `line`, sorted. `workspaces`: names to choose from.
pub fn candidates(line: &str, workspaces: &[String]) -> Vec<String> {
    let words: Vec<&str> = line.split_whitespace().skip(1).collect();
    let (done, last) = match (line.ends_with(char::is_whitespace), words.split_last()) {
        (false, Some((last, done))) => (done.to_vec(), *last),
        _ => (words, ""),
    };
    let named: Vec<&str> = done.iter().copied().filter(|w| !w.starts_with('-')).collect();
    let command = |name: &str| COMMANDS.iter().find(|c| c.name == name).copied();
    let found = match &named[..] {
        [a, b, ..] => command(&format!("{a} {b}")).or_else(|| command(a)),
        [a] => command(a),
        [] => None,
    };
    let mut out: Vec<String> = Vec::new();
    if last.starts_with('-') {
        match found {
            Some(c) => out.extend(flags(c)),
            None if named.is_empty() => out.extend(["-chdir=", "-help", "-version"].map(str::to_owned)),
            None => {}
        }
    } else if named.len() < 2 {
        // The first word of a name, or the second after it.
        for c in COMMANDS {
            let mut parts = c.name.split(' ');
            match (&named[..], parts.next(), parts.next()) {
                ([], Some(first), _) => out.push(first.to_owned()),
                ([a], Some(first), Some(second)) if *a == first => out.push(second.to_owned()),
                _ => {}
            }
        }
    }
    if let Some(c) = found
        && matches!(c.name, "workspace select" | "workspace delete")
    {
        out.extend(workspaces.iter().cloned());
    }
    out.retain(|c| c.starts_with(last));
    out.sort();
    out.dedup();
    out
}

fn flags(c: &Command) -> impl Iterator<Item = String> + '_ {
    let all = c.flags.iter().flat_map(|f| f.iter());
    all.map(|f| format!("-{}{}", f.name, if matches!(f.takes, Takes::Bool) { "" } else { "=" }))
        .chain(["-help".to_owned()])
}

/// A file of a shell and what is in it for completion.
fn places(env: &BTreeMap<String, String>, program: &str) -> Result<Vec<(PathBuf, String)>, Failure> {
    let home =
        env.get("HOME").ok_or_else(|| Failure::Message("There is no home directory (HOME).".into()))?;
    let home = Path::new(home);
    let config = env.get("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from);
    Ok(vec![
        (home.join(".bashrc"), format!("complete -C {program} groma\n")),
        (
            home.join(".zshrc"),
            format!("autoload -U +X bashcompinit && bashcompinit\ncomplete -o nospace -C {program} groma\n"),
        ),
        (
            config.join("fish/completions/groma.fish"),
            format!(
                "function __complete_groma\n    set -lx COMP_LINE (commandline -cp)\n    test -z (commandline -ct)\n    and set COMP_LINE \"$COMP_LINE \"\n    {program}\nend\ncomplete -f -c groma -a \"(__complete_groma)\"\n"
            ),
        ),
    ])
}

/// Adds completion to the shells that this user has, or takes it away. Says what was changed.
pub fn install(env: &BTreeMap<String, String>, program: &Path, remove: bool) -> Result<String, Failure> {
    let program = program.display().to_string();
    let mut out = String::new();
    for (path, text) in places(env, &program)? {
        let fish = path.extension().is_some_and(|e| e == "fish");
        // A shell that is not used has no such file; fish reads a directory.
        let used = if fish { path.ancestors().nth(2).is_some_and(Path::is_dir) } else { path.is_file() };
        if !used {
            continue;
        }
        let failed = |e: std::io::Error| {
            Failure::Message(format!("The file {} cannot be changed: {e}.", path.display()))
        };
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        match (before.contains(&text), remove) {
            (true, false) => out.push_str(&format!("{} has it already.\n", path.display())),
            (false, true) => {}
            (false, false) => {
                if let Some(dir) = path.parent() {
                    std::fs::create_dir_all(dir).map_err(failed)?;
                }
                let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
                std::fs::write(&path, format!("{before}{gap}{text}")).map_err(failed)?;
                out.push_str(&format!("Completion is set up in {}.\n", path.display()));
            }
            (true, true) => {
                let rest = before.replace(&text, "");
                let done = if fish && rest.is_empty() {
                    std::fs::remove_file(&path)
                } else {
                    std::fs::write(&path, rest)
                };
                done.map_err(failed)?;
                out.push_str(&format!("Completion is removed from {}.\n", path.display()));
            }
        }
    }
    if out.is_empty() {
        return Err(Failure::Message(match remove {
            true => "Completion is not set up in any shell of this user.".into(),
            false => "None of the files was found to which completion could be added: .bashrc or .zshrc in the home directory, or the directory of fish. Make one, or write this into another:\n\n".to_owned() + &format!("complete -C {program} groma"),
        }));
    }
    if !remove {
        out.push_str("A new shell has it.\n");
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_flags_are_completed() {
        let of = |line: &str| candidates(line, &["dev".into(), "prod".into()]);
        assert_eq!(of("groma pla"), ["plan"]);
        assert!(of("groma ").contains(&"state".to_owned()));
        assert_eq!(of("groma state m"), ["mv"]);
        assert_eq!(of("groma workspace select d"), ["dev"]);
        assert_eq!(of("groma plan -destr"), ["-destroy"]);
        assert_eq!(of("groma plan -out"), ["-out="]);
        assert_eq!(of("groma -chdir=x init -up"), ["-upgrade"]);
        assert_eq!(of("groma nonsense -x"), Vec::<String>::new());
    }
}
