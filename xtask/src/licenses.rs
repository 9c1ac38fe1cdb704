//! Licence hygiene, without a network: what the lock file holds against what `deny.toml` allows.

use std::collections::BTreeSet;
use std::fs;

use groma_testkit::repository;
use serde_json::Value;

use crate::command::{cargo, output};

/// Refuses a dependency whose licence is not allowed, and lists the packages of which two versions are built.
pub fn check() -> Result<(), String> {
    let rules =
        fs::read_to_string(repository().join("deny.toml")).map_err(|error| format!("deny.toml: {error}"))?;
    let allowed = allow_list(&rules);
    if allowed.is_empty() {
        return Err("deny.toml: no `allow` list below [licenses]".to_owned());
    }
    let host = output(&mut cargo(["version", "--verbose"]))?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default().to_owned();
    let metadata = ["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", &host];
    let metadata: Value =
        serde_json::from_str(&output(&mut cargo(metadata))?).map_err(|error| error.to_string())?;
    let mut refused = Vec::new();
    let mut count = 0;
    for package in metadata["packages"].as_array().into_iter().flatten() {
        // The workspace's own packages come from no registry.
        if package["source"].is_null() {
            continue;
        }
        count += 1;
        let licence = package["license"].as_str().unwrap_or_default();
        if !satisfied(licence, &allowed) {
            refused.push(format!("{} {}: {licence:?}", package["name"], package["version"]));
        }
    }
    if !refused.is_empty() {
        return Err(format!("licences which deny.toml does not allow:\n  {}", refused.join("\n  ")));
    }
    println!("licences: {count} dependencies, all allowed");
    duplicates()
}

/// Packages built in more than one version: they cost time and size, and are to be looked at, not refused.
fn duplicates() -> Result<(), String> {
    let tree =
        ["tree", "--workspace", "--duplicates", "--depth", "0", "--prefix", "none", "--locked", "--offline"];
    let tree = output(&mut cargo(tree))?;
    let versions: BTreeSet<String> = tree
        .lines()
        .map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect();
    // The same version twice means built twice, with other features: for build scripts and for the product.
    let names: Vec<&str> = versions.iter().filter_map(|version| version.split(' ').next()).collect();
    let twice: Vec<&String> = versions
        .iter()
        .filter(|version| names.iter().filter(|name| version.split(' ').next() == Some(name)).count() > 1)
        .collect();
    println!("duplicates: {}", if twice.is_empty() { "none".to_owned() } else { format!("{twice:?}") });
    Ok(())
}

/// The strings of `allow = [...]` in the table `[licenses]`. As much of TOML as our own file uses.
fn allow_list(text: &str) -> Vec<String> {
    let mut within = false;
    let mut table = String::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.starts_with('[') && line.ends_with(']') && !line.contains(['"', ',']) {
            within = line == "[licenses]";
        } else if within {
            table.push_str(line);
        }
    }
    let list =
        table.split_once("allow = [").and_then(|(_, rest)| rest.split_once(']')).map_or("", |(list, _)| list);
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether a licence expression can be satisfied with the allowed licences alone: SPDX with `OR`, `AND`, `WITH` and
/// parentheses, and the older `/` for `OR`.
fn satisfied(expression: &str, allowed: &[String]) -> bool {
    let text = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words: Vec<&str> = text.split_whitespace().rev().collect();
    let fine = any_of(&mut words, allowed);
    fine && words.is_empty()
}

fn any_of(words: &mut Vec<&str>, allowed: &[String]) -> bool {
    let mut fine = all_of(words, allowed);
    while words.pop_if(|word| *word == "OR").is_some() {
        // Not `||`: the words must be read either way.
        fine |= all_of(words, allowed);
    }
    fine
}

fn all_of(words: &mut Vec<&str>, allowed: &[String]) -> bool {
    let mut fine = single(words, allowed);
    while words.pop_if(|word| *word == "AND").is_some() {
        fine &= single(words, allowed);
    }
    fine
}

fn single(words: &mut Vec<&str>, allowed: &[String]) -> bool {
    match words.pop() {
        Some("(") => {
            let fine = any_of(words, allowed);
            words.pop() == Some(")") && fine
        }
        Some(licence) => {
            let mut name = licence.to_owned();
            if words.pop_if(|word| *word == "WITH").is_some() {
                name = format!("{name} WITH {}", words.pop().unwrap_or_default());
            }
            allowed.contains(&name)
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_satisfied_by_what_is_allowed() {
        let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        for fine in [
            "MIT",
            "GPL-3.0 OR MIT",
            "MIT/GPL-3.0",
            "(GPL-3.0 OR MIT) AND ISC",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(satisfied(fine, &allowed), "{fine}");
        }
        for bad in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "ISC AND (GPL-3.0 OR Apache-2.0)",
            "MIT MIT",
            "(MIT",
            "Apache-2.0",
        ] {
            assert!(!satisfied(bad, &allowed), "{bad}");
        }
    }

    #[test]
    fn the_allow_list_is_read_from_its_table() {
        let text = "[other]\nallow = [\"X\"]\n[licenses]\n# a word\nallow = [\n  \"MIT\", # b\n  \"ISC\",\n]\n[more]\nallow = [\"Y\"]\n";
        assert_eq!(allow_list(text), ["MIT", "ISC"]);
    }
}
