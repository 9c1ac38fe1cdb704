//! What is remembered between runs: which addresses each network got, which
//! environments are up, until when, and what parking found.
//!
//! It is kept as one JSON text in an output of a state of its own, so that it has
//! the locking, the history and the places that states have.

use crate::compile::{Root, RootOf};
use crate::model::Platform;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The name of the state, and of the output in it.
pub const RECORD: &str = "groma-record";

/// All that is remembered of a platform.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The addresses that networks were given, by [`network_key`]. Kept after a
    /// network is gone only while an environment needs them.
    #[serde(default)]
    pub addresses: BTreeMap<String, ipnet::Ipv4Net>,
    /// Environments that are up, or half up or half down, by slug.
    #[serde(default)]
    pub environments: BTreeMap<String, Live>,
    /// Networks whose root modules were applied, by name.
    #[serde(default)]
    pub networks: BTreeSet<String>,
    /// Root modules that were applied, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roots: BTreeMap<String, Kept>,
}

/// What is kept of a root module that was applied, so that what it made can be taken
/// down when the manifest says nothing of it any more.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The manifest's name of the account.
    pub account: String,
    /// The account's number.
    pub account_id: String,
    /// The region.
    pub region: String,
    /// Whether something in it must not be lost.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
    /// The root modules whose outputs it reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// The platform's name, with which the names of all resources begin; empty where it was
    /// not kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub platform: String,
    /// The addresses of the network that is in it, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cidr: Option<ipnet::Ipv4Net>,
}

/// An environment that exists.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Live {
    /// The block's name.
    pub name: String,
    /// The label, of one of many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// When `up` was first run, in seconds since 1970.
    pub since: u64,
    /// When `sweep` may take it down, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
    /// Whether the last change came to its end.
    #[serde(default)]
    pub complete: bool,
    /// What began and did not come to its end yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doing: Option<Entry>,
    /// Whether it is parked.
    #[serde(default)]
    pub parked: bool,
    /// What the change that did not come to its end makes and that holds data, by root
    /// module and address: nobody has relied on it yet.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub fresh: BTreeSet<String>,
    /// How many of each service ran when it was parked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, u32>,
    /// How many are to run once this change is done, by service; afterwards autoscaling
    /// moves them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub desired: BTreeMap<String, u32>,
    /// Counts that `scale` set, by service.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scale: BTreeMap<String, u32>,
    /// Who did the last change, and when, newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<Entry>,
}

/// One change of an environment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// When, in seconds since 1970.
    pub at: u64,
    /// Who: `user@host`.
    pub by: String,
    /// What: `up`, `park`, `scale web=4`.
    pub what: String,
}

impl Record {
    /// Reads the JSON text of a record; an empty text is an empty record.
    pub fn parse(text: &str) -> Result<Record, String> {
        if text.is_empty() {
            return Ok(Record::default());
        }
        serde_json::from_str(text).map_err(|e| format!("the record of environments cannot be read: {e}"))
    }

    /// The JSON text.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Takes over the addresses of a draft of this record, if they are still free: they
    /// are not when another network got some of them meanwhile. Whether it did.
    pub fn claim(&mut self, draft: &Record) -> bool {
        let overlap =
            |a: &ipnet::Ipv4Net, b: &ipnet::Ipv4Net| a.contains(&b.network()) || b.contains(&a.network());
        let free = draft.addresses.iter().all(|(key, cidr)| {
            self.addresses.iter().all(|(k, c)| if k == key { c == cidr } else { !overlap(c, cidr) })
        });
        if free {
            self.addresses.extend(draft.addresses.iter().map(|(k, c)| (k.clone(), *c)));
        }
        free
    }

    /// Keeps what is needed of root modules that are about to be applied.
    pub fn keep(&mut self, platform: &Platform, roots: &[Root]) {
        for r in roots {
            let id = platform.accounts.iter().find(|a| a.name == r.account).map(|a| a.id.clone());
            let key = match &r.of {
                RootOf::Network(n) => network_key(n),
                RootOf::Environment(slug) => own_key(slug),
                RootOf::Once => String::new(),
            };
            let kept = Kept {
                platform: platform.name.clone(),
                cidr: self.addresses.get(&key).copied(),
                account: r.account.clone(),
                account_id: id.unwrap_or_default(),
                region: r.region.clone(),
                protect: r.protect,
                needs: r.needs.clone(),
            };
            self.roots.insert(r.name.clone(), kept);
        }
    }

    /// The root modules that one needs, as they were when they were applied, with itself
    /// as the first: dependents before what they depend on.
    pub fn with_needs(&self, root: &str) -> Vec<String> {
        fn visit(r: &Record, name: &str, seen: &mut BTreeSet<String>, out: &mut Vec<String>) {
            if seen.insert(name.to_owned()) {
                for need in r.roots.get(name).map(|k| k.needs.as_slice()).unwrap_or_default() {
                    visit(r, need, seen, out);
                }
                out.push(name.to_owned());
            }
        }
        let mut out = Vec::new();
        visit(self, root, &mut BTreeSet::new(), &mut out);
        out.reverse();
        out
    }

    /// Notes a change of an environment that exists. The last hundred are kept.
    pub fn note(&mut self, slug: &str, at: u64, by: &str, what: &str) {
        if let Some(live) = self.environments.get_mut(slug) {
            live.log.push(Entry { at, by: by.to_owned(), what: what.to_owned() });
            let extra = live.log.len().saturating_sub(100);
            live.log.drain(..extra);
        }
    }
}

/// The key of a declared network's addresses.
pub fn network_key(network: &str) -> String {
    format!("network.{network}")
}

/// The key of the addresses of an environment's own network.
pub fn own_key(slug: &str) -> String {
    format!("environment.{slug}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_come_after_what_needs_them() {
        let kept = |needs: &[&str]| Kept {
            needs: needs.iter().map(|n| (*n).to_owned()).collect(),
            ..Kept::default()
        };
        let record = Record {
            roots: [
                ("qa", kept(&["platform", "network-a"])),
                ("network-a", kept(&["network-b", "network-c"])),
                ("network-b", kept(&["network-c", "platform"])),
                ("network-c", kept(&[])),
            ]
            .map(|(n, k)| (n.to_owned(), k))
            .into(),
            ..Record::default()
        };
        let all = record.with_needs("qa");
        assert_eq!(all.len(), 5, "{all:?}");
        let at = |name: &str| all.iter().position(|n| n == name).expect(name);
        for (name, k) in &record.roots {
            assert!(k.needs.iter().all(|n| at(name) < at(n)), "{all:?}");
        }
        assert_eq!(record.with_needs("nobody"), ["nobody"]);
    }

    #[test]
    fn addresses_are_claimed_while_they_are_free() {
        let record = |addresses: &[(&str, &str)]| Record {
            addresses: addresses.iter().map(|(k, c)| ((*k).to_owned(), c.parse().unwrap())).collect(),
            ..Record::default()
        };
        let draft = record(&[("network.a", "10.0.0.0/16"), ("environment.b", "10.1.0.0/16")]);
        let mut now = record(&[("network.a", "10.0.0.0/16")]);
        assert!(now.claim(&draft));
        assert_eq!(now, draft);
        for taken in [("environment.c", "10.1.0.0/17"), ("environment.b", "10.2.0.0/16")] {
            let mut now = record(&[taken]);
            assert!(!now.claim(&draft), "{taken:?}");
            assert_eq!(now.addresses.len(), 1);
        }
    }
}
