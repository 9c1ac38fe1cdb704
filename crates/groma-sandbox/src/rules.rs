//! The tables of facts about types, in `data/rules/`.
//!
//! `values.txt` says what AWS gives: a line a type, `TYPE: PATH TEMPLATE; PATH TEMPLATE`, where a
//! template is as `template.rs` says, JSON for collections, or `null`. A path with `+` in front says
//! what an unknown becomes when the object changes (`+1`: one more). `refusals.txt` says what AWS
//! refuses; see the head of that file. Lines that begin with `#` and empty lines are for people.

use std::collections::HashMap;
use std::sync::LazyLock;

static VALUES: LazyLock<HashMap<&'static str, Vec<(&'static str, &'static str)>>> = LazyLock::new(|| {
    let mut out: HashMap<_, Vec<_>> = HashMap::new();
    for line in lines(include_str!("../data/rules/values.txt")) {
        let Some((ty, entries)) = line.split_once(':') else { continue };
        let entries = entries.split("; ").map(str::trim).filter(|e| !e.is_empty());
        let entries = entries.map(|e| e.split_once(' ').unwrap_or((e, "")));
        out.entry(ty).or_default().extend(entries.map(|(path, template)| (path, template.trim())));
    }
    out
});

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'))
}

/// The template of a value that AWS gives.
pub(crate) fn value(ty: &str, path: &str) -> Option<&'static str> {
    VALUES.get(ty)?.iter().find(|(p, _)| *p == path).map(|(_, template)| *template)
}

/// A reference that must lead somewhere.
pub(crate) struct Ref {
    /// The resource type that has it; `*` for all that have no rule of their own.
    pub ty: &'static str,
    /// Types of which one must have such an object.
    pub targets: Vec<&'static str>,
    /// The attribute of the target that is meant.
    pub by: &'static str,
    pub code: &'static str,
    pub message: &'static str,
}

/// What an object is refused to be deleted for.
pub(crate) struct Block {
    /// The attribute of the target that others refer to.
    pub by: &'static str,
    /// Types and their paths that refer to it.
    pub from: Vec<(&'static str, &'static str)>,
    pub code: &'static str,
    pub message: &'static str,
    /// An attribute of the target that, when true, makes it no obstacle.
    pub unless: Option<&'static str>,
}

/// What must differ between objects of a type.
pub(crate) struct Unique {
    pub attrs: Vec<&'static str>,
    /// Whether no other account or region may have one either.
    pub everywhere: bool,
    pub code: &'static str,
    pub message: &'static str,
}

/// A switch against deletion.
pub(crate) struct Protect {
    pub attr: &'static str,
    pub code: &'static str,
    pub message: &'static str,
}

/// What AWS refuses.
#[derive(Default)]
pub(crate) struct Refusals {
    pub refs: HashMap<&'static str, Vec<Ref>>,
    pub blocks: HashMap<&'static str, Vec<Block>>,
    pub unique: HashMap<&'static str, Vec<Unique>>,
    pub protect: HashMap<&'static str, Vec<Protect>>,
}

/// The table of refusals.
pub(crate) static REFUSALS: LazyLock<Refusals> = LazyLock::new(|| {
    let mut out = Refusals::default();
    for line in lines(include_str!("../data/rules/refusals.txt")) {
        // A line that cannot be read is found by the test below.
        let _ = refusal(line, &mut out);
    }
    out
});

fn refusal(line: &'static str, out: &mut Refusals) -> Option<()> {
    let (kind, rest) = line.split_once(' ')?;
    let (subject, rest) = rest.trim_start().split_once(' ')?;
    let (object, rest) = rest.trim_start().split_once(' ')?;
    let (code, message) = rest.trim_start().split_once(' ')?;
    let message = message.trim();
    match kind {
        "ref" => {
            let (ty, attr) = subject.split_once('.')?;
            let (targets, by) = object.rsplit_once('.')?;
            let targets = targets.split('|').collect();
            out.refs.entry(attr).or_default().push(Ref { ty, targets, by, code, message });
        }
        "block" => {
            let (target, by) = subject.split_once('.')?;
            let (by, unless) = by.split_once('!').map_or((by, None), |(by, unless)| (by, Some(unless)));
            let from = object.split(',').map(|f| f.split_once('.')).collect::<Option<_>>()?;
            out.blocks.entry(target).or_default().push(Block { by, from, code, message, unless });
        }
        "unique" | "unique-everywhere" => {
            let attrs = object.split(',').collect();
            let everywhere = kind == "unique-everywhere";
            out.unique.entry(subject).or_default().push(Unique { attrs, everywhere, code, message });
        }
        "protect" => {
            out.protect.entry(subject).or_default().push(Protect { attr: object, code, message });
        }
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schemas;
    use groma_value::schema::Block as SchemaBlock;

    /// Whether a block has something at a path of names.
    fn has(block: &SchemaBlock, path: &str) -> bool {
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        match (block.blocks.get(name), rest) {
            (Some(_), "") => true,
            (Some(b), rest) => has(&b.block, rest),
            (None, _) => block.attributes.contains_key(name),
        }
    }

    #[test]
    fn values_are_of_attributes_that_exist() {
        let mut wrong = Vec::new();
        for (ty, entries) in VALUES.iter() {
            let schema = schemas::resource(ty).unwrap_or_else(|| panic!("there is no type {ty}"));
            for (path, _) in entries {
                let path = path.trim_start_matches('+');
                if !has(&schema.block, path) {
                    wrong.push(format!("{ty} has no {path}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn refusals_are_about_attributes_that_exist() {
        for line in lines(include_str!("../data/rules/refusals.txt")) {
            assert!(refusal(line, &mut Refusals::default()).is_some(), "cannot be read: {line}");
        }
        let check = |ty: &str, path: &str| {
            if ty == "*" {
                return;
            }
            let schema = schemas::resource(ty).unwrap_or_else(|| panic!("there is no type {ty}"));
            assert!(has(&schema.block, path), "{ty} has no {path}");
        };
        for r in REFUSALS.refs.values().flatten() {
            r.targets.iter().for_each(|t| check(t, r.by));
            assert!(r.ty == "*" || schemas::resource(r.ty).is_some(), "there is no type {}", r.ty);
        }
        for (target, b) in REFUSALS.blocks.iter().flat_map(|(t, all)| all.iter().map(move |b| (t, b))) {
            check(target, b.by);
            b.from.iter().for_each(|(ty, path)| check(ty, path));
            b.unless.iter().for_each(|attr| check(target, attr));
        }
        for (ty, u) in REFUSALS.unique.iter().flat_map(|(t, all)| all.iter().map(move |u| (t, u))) {
            u.attrs.iter().for_each(|attr| check(ty, attr));
        }
        for (ty, p) in REFUSALS.protect.iter().flat_map(|(t, all)| all.iter().map(move |p| (t, p))) {
            check(ty, p.attr);
        }
    }
}
