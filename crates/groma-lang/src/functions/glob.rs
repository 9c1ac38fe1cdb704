//! Patterns for file names, for `fileset`.
//!
//! Within a part of a path: `*`, `?`, `[a-z]`, `[^a-z]`, `{one,two}`, and `\` to
//! take the next character as it is. A part that is `**` stands for any number
//! of directories.

use super::paths;
use std::fs;
use std::path::{Path, PathBuf};

/// The pattern is malformed.
#[derive(Debug, PartialEq)]
pub(super) struct BadPattern;

/// Deeper directories are taken for a cycle of links.
const DEEPEST: usize = 128;

/// Existing files and directories that match. `pattern` is a cleaned path; the
/// first `literal` parts of it mean themselves. Relative names are relative to
/// `base`. In no particular order, each once.
pub(super) fn glob(base: &Path, pattern: &str, literal: usize) -> Result<Vec<String>, BadPattern> {
    let (root, rest) = match pattern.strip_prefix('/') {
        Some(rest) => ("/", rest),
        None => ("", pattern),
    };
    let mut parts = Vec::new();
    for (i, part) in rest.split('/').filter(|p| !p.is_empty()).enumerate() {
        parts.push(if i < literal {
            Part::Literal(part.to_owned())
        } else if part == "**" {
            Part::Any
        } else if part.contains(['*', '?', '[', '{', '\\']) {
            // Malformed patterns are an error even where there is nothing to match.
            matches(part, "x")?;
            Part::Pattern(part.to_owned())
        } else {
            Part::Literal(part.to_owned())
        });
    }
    let mut out = Vec::new();
    let walk = Walk { base };
    walk.step(root, &parts, &mut out)?;
    out.sort();
    out.dedup();
    Ok(out)
}

enum Part {
    Literal(String),
    Pattern(String),
    Any,
}

struct Walk<'a> {
    base: &'a Path,
}

impl Walk<'_> {
    fn real(&self, path: &str) -> PathBuf {
        self.base.join(path)
    }
    fn child(&self, dir: &str, name: &str) -> String {
        match dir {
            "" => name.to_owned(),
            "/" => format!("/{name}"),
            dir => format!("{dir}/{name}"),
        }
    }
    fn names(&self, dir: &str) -> Vec<String> {
        let real = if dir.is_empty() { self.real(".") } else { self.real(dir) };
        let entries = fs::read_dir(real).into_iter().flatten().flatten();
        entries.filter_map(|e| e.file_name().into_string().ok()).collect()
    }
    fn step(&self, dir: &str, parts: &[Part], out: &mut Vec<String>) -> Result<(), BadPattern> {
        let Some((part, rest)) = parts.split_first() else {
            if !dir.is_empty() && fs::symlink_metadata(self.real(dir)).is_ok() {
                out.push(dir.to_owned());
            }
            return Ok(());
        };
        match part {
            Part::Literal(name) => self.step(&self.child(dir, name), rest, out),
            Part::Pattern(pattern) => {
                for name in self.names(dir) {
                    if matches(pattern, &name)? {
                        self.step(&self.child(dir, &name), rest, out)?;
                    }
                }
                Ok(())
            }
            Part::Any => self.any(dir, rest, 0, out),
        }
    }
    /// Zero or more directories, then the rest.
    fn any(&self, dir: &str, rest: &[Part], depth: usize, out: &mut Vec<String>) -> Result<(), BadPattern> {
        self.step(dir, rest, out)?;
        if depth >= DEEPEST {
            return Ok(());
        }
        for name in self.names(dir) {
            let child = self.child(dir, &name);
            match fs::metadata(self.real(&child)) {
                Ok(m) if m.is_dir() => self.any(&child, rest, depth + 1, out)?,
                Ok(_) if rest.is_empty() => out.push(child),
                // Not a directory, or a link that leads nowhere.
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whether a name without slashes matches one part of a pattern.
pub(super) fn matches(pattern: &str, name: &str) -> Result<bool, BadPattern> {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    match_here(&pattern, &name)
}

fn match_here(pattern: &[char], name: &[char]) -> Result<bool, BadPattern> {
    let Some((first, rest)) = pattern.split_first() else { return Ok(name.is_empty()) };
    match first {
        '*' => {
            for i in 0..=name.len() {
                if match_here(rest, &name[i..])? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        '?' => match name.split_first() {
            Some((_, after)) => match_here(rest, after),
            None => check(rest),
        },
        '[' => {
            let (hit, used) = class(rest, name.first().copied())?;
            match name.split_first() {
                Some((_, after)) if hit => match_here(&rest[used..], after),
                _ => check(&rest[used..]),
            }
        }
        '{' => {
            let (alternatives, used) = alternatives(rest)?;
            for one in alternatives {
                let whole: Vec<char> = one.iter().chain(&rest[used..]).copied().collect();
                if match_here(&whole, name)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        '\\' => {
            let (c, rest) = rest.split_first().ok_or(BadPattern)?;
            literal(*c, rest, name)
        }
        c => literal(*c, rest, name),
    }
}

fn literal(c: char, rest: &[char], name: &[char]) -> Result<bool, BadPattern> {
    match name.split_first() {
        Some((n, after)) if *n == c => match_here(rest, after),
        _ => check(rest),
    }
}

/// No match, provided that the rest of the pattern is well-formed.
fn check(pattern: &[char]) -> Result<bool, BadPattern> {
    let mut i = 0;
    while i < pattern.len() {
        match pattern[i] {
            '\\' if i + 1 == pattern.len() => return Err(BadPattern),
            '\\' => i += 1,
            '[' => i += class(&pattern[i + 1..], None)?.1,
            '{' => i += alternatives(&pattern[i + 1..])?.1,
            _ => {}
        }
        i += 1;
    }
    Ok(false)
}

/// Whether a character is in the class that begins after `[`, and the length of
/// the class with its end.
fn class(pattern: &[char], c: Option<char>) -> Result<(bool, usize), BadPattern> {
    let mut i = 0;
    let negated = pattern.first() == Some(&'^');
    if negated {
        i += 1;
    }
    let start = i;
    let mut hit = false;
    loop {
        let mut one = || -> Result<char, BadPattern> {
            let escaped = pattern.get(i) == Some(&'\\');
            i += usize::from(escaped);
            let c = *pattern.get(i).ok_or(BadPattern)?;
            i += 1;
            Ok(c)
        };
        let low = one()?;
        let mut high = low;
        if pattern.get(i) == Some(&'-') && pattern.get(i + 1).is_some_and(|c| *c != ']') {
            i += 1;
            let escaped = pattern.get(i) == Some(&'\\');
            i += usize::from(escaped);
            high = *pattern.get(i).ok_or(BadPattern)?;
            i += 1;
        } else if low == ']' && i == start + 1 {
            // An empty class.
            return Err(BadPattern);
        }
        hit |= c.is_some_and(|c| low <= c && c <= high);
        match pattern.get(i) {
            Some(']') => return Ok((hit != negated, i + 1)),
            Some(_) => {}
            None => return Err(BadPattern),
        }
    }
}

/// The alternatives that begin after `{`, and their length with the end.
fn alternatives(pattern: &[char]) -> Result<(Vec<&[char]>, usize), BadPattern> {
    let mut out = Vec::new();
    let (mut start, mut depth, mut i) = (0, 0, 0);
    while i < pattern.len() {
        match pattern[i] {
            '\\' => i += 1,
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' => {
                out.push(&pattern[start..i]);
                return Ok((out, i + 1));
            }
            ',' if depth == 0 => {
                out.push(&pattern[start..i]);
                start = i + 1;
            }
            _ => {}
        }
        i += 1;
    }
    Err(BadPattern)
}

/// Which parts at the beginning of a pattern are the directory itself.
pub(super) fn literal_parts(dir: &str, pattern: &str) -> usize {
    let parts = |p: &str| p.split('/').filter(|s| !s.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (dir, pattern) = (parts(&paths::clean(dir)), parts(pattern));
    dir.iter().zip(&pattern).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_names() {
        for (pattern, name, hit) in [
            ("*", "", true),
            ("*.txt", "a.txt", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "ac", false),
            ("?.txt", "é.txt", true),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[!a]", "!", true),
            ("[\\]]", "]", true),
            ("[-]", "-", true),
            ("[a-]", "-", true),
            ("{a,b*}.txt", "bcd.txt", true),
            ("{a,{b,c}}d", "cd", true),
            ("\\*", "*", true),
            ("\\*", "x", false),
        ] {
            assert_eq!(matches(pattern, name), Ok(hit), "{pattern} {name}");
        }
        for pattern in ["[a", "[]", "{a", "a\\", "x["] {
            assert_eq!(matches(pattern, "y"), Err(BadPattern), "{pattern}");
        }
    }
}
