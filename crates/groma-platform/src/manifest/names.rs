//! What a manifest declares, by name, and the names that come of it in AWS.

use super::spec::{self, BlockSpec};
use super::text::tidy;
use crate::model::ComponentId;
use groma_lang::diag;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The names of all blocks by keyword.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(BTreeMap<&'static str, BTreeSet<String>>);

impl Names {
    /// Adds a block.
    pub fn insert(&mut self, keyword: &'static str, name: &str) {
        self.0.entry(keyword).or_default().insert(name.to_owned());
    }
    /// Whether there is such a block.
    pub fn has(&self, keyword: &str, name: &str) -> bool {
        self.0.get(keyword).is_some_and(|n| n.contains(name))
    }
    /// The names of the blocks of a keyword.
    pub fn of(&self, keyword: &str) -> impl Iterator<Item = &str> {
        self.0.get(keyword).into_iter().flatten().map(String::as_str)
    }
    /// What to do where `keyword.name` is not declared.
    pub fn remedy(&self, keyword: &str, name: &str) -> String {
        if let Some(near) = diag::suggest(name, self.of(keyword)) {
            return format!("Did you mean {keyword}.{near}?");
        }
        let other = spec::BLOCKS.iter().find(|b| b.keyword != keyword && self.has(b.keyword, name));
        if let Some(b) = other {
            return format!("There is {}.{name}. Write that, or declare {keyword} \"{name}\".", b.keyword);
        }
        let all: Vec<String> = self.of(keyword).map(|n| format!("{keyword}.{n}")).collect();
        match &all[..] {
            [] => format!("Declare it: {keyword} \"{name}\" {{ … }}."),
            all if all.len() <= 6 => {
                format!("There {} {}.", if all.len() == 1 { "is" } else { "are" }, spec::and(all))
            }
            _ => format!("Declare it: {keyword} \"{name}\" {{ … }}."),
        }
    }
}

/// The longest slug of an environment (characters).
pub(crate) const SLUG: usize = 20;

/// A label as a part of names: lower case, everything else as hyphens.
pub(crate) fn label(given: &str) -> String {
    tidy(given)
}

/// The slug of an environment: its name, and of one of many its label; a longer one is
/// cut and gets the beginning of a hash.
pub(crate) fn slug(name: &str, label: Option<&str>) -> String {
    let whole = match label {
        None => return name.to_owned(),
        Some(label) => format!("{name}-{label}"),
    };
    if whole.len() <= SLUG {
        return whole;
    }
    let hash = Sha256::digest(whole.as_bytes());
    format!("{}-{:02x}{:02x}", whole[..SLUG - 5].trim_end_matches('-'), hash[0], hash[1])
}

/// Whether the name of a component's resources is too long: the name, whose it is and
/// how many characters too many.
pub(crate) fn too_long(
    platform: &str,
    slug: &str,
    id: &ComponentId,
) -> Option<(String, &'static str, usize)> {
    let limit = spec::component(id.kind).limit?;
    let name = format!("{platform}-{slug}-{}", id.name);
    let over = (name.len() + limit.added).checked_sub(limit.most).filter(|n| *n > 0)?;
    // What is added differs from use to use; that it is there must not surprise.
    let name = if limit.added > 0 { format!("{name}-…") } else { name };
    Some((name, limit.what, over))
}

/// Kinds that have rights, for messages.
pub(crate) fn usable() -> Vec<&'static str> {
    spec::BLOCKS.iter().filter(|b| !b.rights.is_empty()).map(|b: &&BlockSpec| b.keyword).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs() {
        assert_eq!(slug("prod", None), "prod");
        assert_eq!(label("Fix/Login!"), "fix-login");
        assert_eq!(slug("branch", Some("fix-login")), "branch-fix-login");
        let long = slug("branch", Some("a-very-long-name-of-a-branch"));
        assert!(long.starts_with("branch-a-very-l") && long.len() == 20, "{long}");
        let other = slug("branch", Some("a-very-long-name-of-another"));
        assert_ne!(long, other);
        assert!(!slug("branch", Some("abcdefg-hijklmnop")).contains("--"));
    }
}
