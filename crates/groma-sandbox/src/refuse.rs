//! What AWS refuses: references that lead nowhere, names that are taken, objects that are in use.

use groma_value::{Path, PathStep, Value};

use crate::fill::{Place, text_of};
use crate::rules::{Block, REFUSALS, Ref, Unique};
use crate::world::{Key, Tx};

/// A refusal, as the API gives it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub code: String,
    pub message: String,
    /// Whether the provider tries again for a while, because what is in the way may be about to go.
    pub passing: bool,
}

impl Refusal {
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Refusal {
        Refusal { code: code.into(), message: message.into(), passing: false }
    }
    /// A refusal that may pass.
    pub fn passing(code: impl Into<String>, message: impl Into<String>) -> Refusal {
        Refusal { passing: true, ..Refusal::new(code, message) }
    }
}

/// The result of an operation in the world.
pub(crate) type Done<T> = Result<T, Refusal>;

/// Fills in a message: `$` alone is `value`, `$by` is `by`, `$name` an attribute of the object.
fn message(template: &str, object: &Value, value: &str, by: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
        let (name, tail) = after.split_at(end);
        match name {
            "" => out.push_str(value),
            "by" => out.push_str(by),
            name => out.push_str(&object.get_attr(name).as_ref().and_then(text_of).unwrap_or_default()),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// All texts at paths that end in a name, wherever they are.
fn texts(v: &Value, f: &mut dyn FnMut(&str, &str)) {
    v.walk(&mut |path: &Path, v: &Value| {
        if let Some(text) = v.as_str() {
            let name = path.steps().iter().rev().find_map(|s| match s {
                PathStep::Attr(n) => Some(n.clone()),
                PathStep::Index(_) => None,
            });
            // An alias names a zone of AWS's own.
            let aliased = path.steps().iter().any(|s| matches!(s, PathStep::Attr(n) if &**n == "alias"));
            if let Some(name) = name.filter(|_| !aliased) {
                f(&name, text);
            }
        }
        true
    });
}

/// The texts at a path of names, in all blocks that it leads through.
pub(crate) fn at_path(v: &Value, path: &str, out: &mut Vec<String>) {
    if let Some(items) = v.as_elements() {
        return items.iter().for_each(|v| at_path(v, path, out));
    }
    if path.is_empty() {
        return out.extend(text_of(v));
    }
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    if let Some(inner) = v.get_attr(name) {
        at_path(&inner, rest, out);
    }
}

/// Refuses an object that refers to what is not there.
pub(crate) fn references(tx: &Tx<'_>, place: &Place, ty: &str, object: &Value) -> Done<()> {
    let mut wrong = None;
    texts(object, &mut |name, text| {
        // Of some things AWS has one named so by itself.
        if wrong.is_some() || text.is_empty() || text == "default" {
            return;
        }
        let Some(refs) = REFUSALS.refs.get(name) else { return };
        let own = refs.iter().find(|r| r.ty == ty);
        let Some(r) = own.or_else(|| refs.iter().find(|r| r.ty == "*")) else { return };
        // A security group of another account is named with the account.
        let owner_stripped = match text.split_once('/') {
            Some((owner, group)) if owner.len() == 12 && group.starts_with("sg-") => group,
            _ => text,
        };
        let text = owner_stripped;
        let elsewhere = name.starts_with("peer_");
        let there = |t: &&'static str| exists(tx, place, r, t, text) || elsewhere && anywhere(tx, t, text);
        if !r.targets.iter().any(there) {
            wrong = Some(Refusal::new(r.code, message(r.message, object, text, "")));
        }
    });
    wrong.map_or(Ok(()), Err)
}

fn exists(tx: &Tx<'_>, place: &Place, r: &Ref, target: &str, text: &str) -> bool {
    let region = if crate::services::is_global(target) { crate::world::GLOBAL } else { &place.region };
    let found = |account: &str| {
        if r.by == "id" {
            let key =
                Key { account: account.into(), region: region.into(), ty: target.into(), id: text.into() };
            return tx.get(&key).is_some();
        }
        tx.of(account, region, target).any(|(k, o)| {
            let v = o.value(&k.ty).and_then(|v| v.get_attr(r.by));
            v.is_some_and(|v| v.as_str() == Some(text))
        })
    };
    found(&place.account) || tx.accounts().iter().any(|a| *a != place.account && found(a))
}

/// Whether any account has such an object in any region.
fn anywhere(tx: &Tx<'_>, target: &str, id: &str) -> bool {
    tx.all().any(|(k, _)| k.ty == target && k.id == id)
}

/// Whether an object says that it takes the place of another of its name.
pub(crate) fn overwrites(object: &Value) -> bool {
    let on = |n: &str| object.get_attr(n).and_then(|v| v.as_bool()) == Some(true);
    on("allow_overwrite") || on("overwrite")
}

/// Refuses an object where there is another one of its name.
pub(crate) fn duplicates(tx: &Tx<'_>, key: &Key, object: &Value, new: bool) -> Done<()> {
    if overwrites(object) {
        return Ok(());
    }
    for u in REFUSALS.unique.get(key.ty.as_str()).into_iter().flatten() {
        let own = parts(u, object);
        if own.iter().all(|p| p.is_empty()) {
            continue;
        }
        let same = tx.all().any(|(k, o)| {
            k.ty == key.ty
                && (new || k.id != key.id || k.account != key.account || k.region != key.region)
                && (u.everywhere || k.account == key.account && k.region == key.region)
                && o.value(&k.ty).is_some_and(|v| parts(u, v) == own)
        });
        if same {
            return Err(Refusal::new(u.code, message(u.message, object, &own[0], "")));
        }
    }
    Ok(())
}

fn parts(u: &Unique, v: &Value) -> Vec<String> {
    u.attrs.iter().map(|a| v.get_attr(a).as_ref().and_then(text_of).unwrap_or_default()).collect()
}

/// Refuses to delete what is protected or in use.
pub(crate) fn in_use(tx: &Tx<'_>, key: &Key, object: &Value) -> Done<()> {
    for p in REFUSALS.protect.get(key.ty.as_str()).into_iter().flatten() {
        if object.get_attr(p.attr).and_then(|v| v.as_bool()) == Some(true) {
            return Err(Refusal::new(p.code, message(p.message, object, "", "")));
        }
    }
    for b in REFUSALS.blocks.get(key.ty.as_str()).into_iter().flatten() {
        if b.unless.is_some_and(|attr| object.get_attr(attr).and_then(|v| v.as_bool()) == Some(true)) {
            continue;
        }
        let Some(name) = object.get_attr(b.by).as_ref().and_then(text_of) else { continue };
        if let Some(by) = user(tx, key, b, &name) {
            let by = format!("{} {}", by.ty, by.id);
            return Err(Refusal::passing(b.code, message(b.message, object, &name, &by)));
        }
    }
    Ok(())
}

/// Who refers to an object.
fn user(tx: &Tx<'_>, key: &Key, b: &Block, name: &str) -> Option<Key> {
    for (k, o) in tx.all() {
        if k.ty == key.ty && k.id == key.id || o.notes.contains_key("default") {
            continue;
        }
        for (_, path) in b.from.iter().filter(|(ty, _)| *ty == k.ty) {
            let Some(v) = o.value(&k.ty) else { continue };
            let mut found = Vec::new();
            at_path(v, path, &mut found);
            if found.iter().any(|t| t == name) {
                return Some(k.clone());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_paths() {
        let v = Value::object([("id", Value::string("vpc-1")), ("n", Value::int(3))]);
        assert_eq!(
            message("The vpc '$id' ($n) is used by $by: $.", &v, "x", "me"),
            "The vpc 'vpc-1' (3) is used by me: x."
        );
        let inner = Value::object([("b", Value::string("deep"))]);
        let v = Value::object([("a", Value::tuple(vec![inner.clone(), inner]))]);
        let mut out = Vec::new();
        at_path(&v, "a.b", &mut out);
        assert_eq!(out, ["deep", "deep"]);
    }
}
