//! Arguments in the style of Go's `flag` package, which Terraform's users know:
//! `-name`, `-name=value`, `-name value`, with one dash or two.
//!
//! Flags are declared once, in [`crate::commands::COMMANDS`]; parsing, help,
//! completion and the reference all read that table.

use std::collections::HashMap;

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing; `-flag=false` switches it off.
    Bool,
    /// A value; the last one counts.
    Value,
    /// A value; all count, in order.
    Many,
}

/// A flag.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// Its name without dashes.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// The placeholder of its value in the help.
    pub placeholder: &'static str,
    /// What it does; one or two sentences.
    pub help: &'static str,
}

/// A flag that takes nothing.
pub const fn switch(name: &'static str, help: &'static str) -> Flag {
    Flag { name, takes: Takes::Bool, placeholder: "", help }
}
/// A flag with a value.
pub const fn value(name: &'static str, placeholder: &'static str, help: &'static str) -> Flag {
    Flag { name, takes: Takes::Value, placeholder, help }
}
/// A flag that may be given several times.
pub const fn many(name: &'static str, placeholder: &'static str, help: &'static str) -> Flag {
    Flag { name, takes: Takes::Many, placeholder, help }
}

/// Parsed arguments.
#[derive(Debug, Default)]
pub struct Args {
    values: HashMap<&'static str, Vec<String>>,
    /// All flags with their values in the order given, for those whose relative
    /// order matters (`-var`, `-var-file`).
    pub ordered: Vec<(&'static str, String)>,
    /// What is not a flag.
    pub rest: Vec<String>,
}

impl Args {
    /// Whether a switch is on; `default` if it was not given.
    pub fn on(&self, name: &str, default: bool) -> bool {
        self.get(name).map_or(default, |v| v == "true")
    }
    /// The last value of a flag.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.last().map(String::as_str)
    }
    /// All values of a flag.
    pub fn all(&self, name: &str) -> &[String] {
        self.values.get(name).map(Vec::as_slice).unwrap_or_default()
    }
    /// Whether the flag was given.
    pub fn given(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }
}

/// Parses the arguments of a command. Flags may stand anywhere before `--`.
pub fn parse(flags: &[Flag], args: &[String]) -> Result<Args, String> {
    let mut out = Args::default();
    let mut it = args.iter();
    while let Some(arg) = it.next() {
        let Some(name) = arg.strip_prefix("--").or_else(|| arg.strip_prefix('-')).filter(|n| !n.is_empty())
        else {
            if arg == "--" {
                out.rest.extend(it.cloned());
                break;
            }
            out.rest.push(arg.clone());
            continue;
        };
        let (name, inline) = match name.split_once('=') {
            Some((n, v)) => (n, Some(v.to_owned())),
            None => (name, None),
        };
        let Some(flag) = flags.iter().find(|f| f.name == name) else {
            let near = groma_lang::diag::suggest(name, flags.iter().map(|f| f.name));
            let hint = near.map(|n| format!(" Did you mean -{n}?")).unwrap_or_default();
            return Err(format!("There is no flag -{name}.{hint}"));
        };
        let value = match (flag.takes, inline) {
            (Takes::Bool, None) => "true".to_owned(),
            (Takes::Bool, Some(v)) => match v.as_str() {
                "1" | "t" | "T" | "true" | "TRUE" | "True" => "true".to_owned(),
                "0" | "f" | "F" | "false" | "FALSE" | "False" => "false".to_owned(),
                _ => return Err(format!("The flag -{name} is a switch: it takes true or false, not {v:?}.")),
            },
            (_, Some(v)) => v,
            (_, None) => it
                .next()
                .cloned()
                .ok_or_else(|| format!("The flag -{name} needs a value: -{name}={}", flag.placeholder))?,
        };
        out.ordered.push((flag.name, value.clone()));
        out.values.entry(flag.name).or_default().push(value);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: &[Flag] = &[switch("force", ""), value("out", "FILE", ""), many("var", "N=V", "")];

    fn p(args: &[&str]) -> Result<Args, String> {
        parse(FLAGS, &args.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn forms_of_flags() {
        let a = p(&["-force", "--out", "x", "-var", "a=b=c", "-var=d=e", "file", "--", "-x"]).unwrap();
        assert!(a.on("force", false));
        assert_eq!(a.get("out"), Some("x"));
        assert_eq!(a.all("var"), ["a=b=c", "d=e"]);
        assert_eq!(a.rest, ["file", "-x"]);
        assert!(!p(&["-force=false"]).unwrap().on("force", true));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(p(&["-forse"]).unwrap_err().contains("Did you mean -force?"));
        assert!(p(&["-out"]).unwrap_err().contains("needs a value"));
        assert!(p(&["-force=maybe"]).unwrap_err().contains("switch"));
    }
}
