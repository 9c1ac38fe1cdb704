//! Objects that changed their address: `moved` blocks, and `count` added or removed.

use crate::context::Context;
use crate::objects::{mark_sensitive, value_object};
use crate::provider_calls::{call_failed, provider_diags};
use groma_config::{Config, ModuleNode};
use groma_lang::{Diagnostic, Diagnostics};
use groma_provider::{MoveRequest, MovedObject};
use groma_state::{Object, State};
use groma_value::Name;
use groma_value::addr::{Key, ModuleInstance, ModulePath, Resource, ResourceInstance, Target};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What moving did: the new address of each moved instance, with the old one.
pub(crate) type Moved = BTreeMap<ResourceInstance, ResourceInstance>;

struct Statement {
    module: ModulePath,
    from: Target,
    to: Target,
}

/// Moves objects in `state` to the addresses that the configuration gives them.
/// Where the new address is taken, the object stays, with a warning.
pub(crate) fn apply_moves(config: &Config, state: &mut State, diags: &mut Diagnostics) -> Moved {
    let mut statements = Vec::new();
    config.root.walk(&mut |n| {
        statements.extend(n.module.moved.iter().map(|m| Statement {
            module: n.path.clone(),
            from: m.from.clone(),
            to: m.to.clone(),
        }));
    });
    let mut moved = Moved::new();
    let mut blocked: BTreeSet<(ResourceInstance, ResourceInstance)> = BTreeSet::new();
    // A chain of moves needs one pass a link; cycles are refused by the static checks.
    for _ in 0..=statements.len() {
        let mut any = false;
        for s in &statements {
            let renames: Vec<(ResourceInstance, ResourceInstance)> =
                state.instances().filter_map(|(addr, _, _)| s.apply(&addr).map(|to| (addr, to))).collect();
            for (from, to) in renames {
                any |= rename(state, &mut moved, &mut blocked, from, to);
            }
        }
        if !any {
            break;
        }
    }
    for (from, to) in implied(config, state) {
        rename(state, &mut moved, &mut blocked, from, to);
    }
    if !blocked.is_empty() {
        let list: Vec<String> =
            blocked.iter().map(|(f, t)| format!("  - {f} could not move to {t}")).collect();
        diags.push(Diagnostic::warning(
            "Unresolved resource instance address changes",
            format!(
                "Some objects could not be moved, because there already is an object at the new address:\n{}\n\nThey are planned under their old addresses, where no configuration may be left, so they may be planned for destruction. To keep the object that is to be moved, remove the other one from the state first, with \"state rm\".",
                list.join("\n")
            ),
        ));
    }
    moved
}

fn rename(
    state: &mut State,
    moved: &mut Moved,
    blocked: &mut BTreeSet<(ResourceInstance, ResourceInstance)>,
    from: ResourceInstance,
    to: ResourceInstance,
) -> bool {
    if from == to {
        return false;
    }
    if state.instance(&to).is_some() {
        blocked.insert((from, to));
        return false;
    }
    let Some(resource) = state.resources.get(&from.abs_resource()) else { return false };
    let Some(instance) = resource.instances.get(&from.key).cloned() else { return false };
    let provider = resource.provider_of(&instance);
    state.update(&from, None, |i| *i = Default::default());
    state.update(&to, Some(&provider), |i| *i = instance);
    let original = moved.remove(&from).unwrap_or(from);
    moved.insert(to, original);
    true
}

impl Statement {
    /// Where the object at `addr` goes, if this statement is about it.
    fn apply(&self, addr: &ResourceInstance) -> Option<ResourceInstance> {
        let depth = self.module.names().len();
        let steps = addr.module.steps();
        if steps.len() < depth || !steps.iter().zip(self.module.names()).all(|(s, n)| s.0 == *n) {
            return None;
        }
        let (prefix, rest) = steps.split_at(depth);
        let module =
            |tail: &[(Name, Key)]| -> ModuleInstance { prefix.iter().chain(tail).cloned().collect() };
        match (&self.from, &self.to) {
            (Target::Module(from), Target::Module(to)) => {
                let (f, t) = (from.steps(), to.steps());
                let (fl, tl) = (f.last()?, t.last()?);
                if rest.len() < f.len() || rest[..f.len() - 1] != f[..f.len() - 1] {
                    return None;
                }
                let whole = fl.1 == Key::None && tl.1 == Key::None;
                let here = &rest[f.len() - 1];
                if here.0 != fl.0 || !(whole || here.1 == fl.1) {
                    return None;
                }
                let key = if whole { here.1.clone() } else { tl.1.clone() };
                let mut tail: Vec<(Name, Key)> = t[..t.len() - 1].to_vec();
                tail.push((tl.0.clone(), key));
                tail.extend_from_slice(&rest[f.len()..]);
                Some(ResourceInstance {
                    module: module(&tail),
                    resource: addr.resource.clone(),
                    key: addr.key.clone(),
                })
            }
            (Target::Resource(_) | Target::Instance(_), Target::Resource(_) | Target::Instance(_)) => {
                let (fm, fr, fk) = parts(&self.from)?;
                let (tm, tr, tk) = parts(&self.to)?;
                if rest != fm.steps() || addr.resource != *fr {
                    return None;
                }
                let whole = matches!((&self.from, &self.to), (Target::Resource(_), Target::Resource(_)));
                if !(whole || addr.key == fk) {
                    return None;
                }
                Some(ResourceInstance {
                    module: module(tm.steps()),
                    resource: tr.clone(),
                    key: if whole { addr.key.clone() } else { tk },
                })
            }
            _ => None,
        }
    }
}

/// Turns objects that were moved to another resource type, or to another provider, into
/// objects of it: the new provider is asked to.
pub(crate) async fn convert(cx: &Context, state: &mut State, moved: &Moved, diags: &mut Diagnostics) {
    // As it was before the first object of a resource changed its provider.
    let sources: BTreeMap<_, _> =
        state.resources.iter().map(|(a, r)| (a.clone(), r.provider.provider.provider.clone())).collect();
    for (to, from) in moved {
        let Some(node) = cx.config.root.descend(&to.module.path()) else { continue };
        let Some(block) = node.module.resources.get(&to.resource) else { continue };
        let Some(target) = crate::graph::provider_of(&node, &block.provider) else { continue };
        let Some(source) = sources.get(&to.abs_resource()) else { continue };
        let addr = &target.provider.provider;
        if from.resource.ty == to.resource.ty && source == addr {
            continue;
        }
        let Some(object) = state.current(to).cloned() else { continue };
        let Some(schemas) = cx.schemas.get(addr) else { continue };
        let Some(schema) = schemas.resource(&to.resource.ty) else { continue };
        let fail = |detail: String, diags: &mut Diagnostics| {
            diags.push(Diagnostic::error("Unable to move resource state", detail).at(block.span).about(to));
        };
        if !schemas.capabilities().move_resource_state {
            if from.resource.ty == to.resource.ty {
                // Another provider with the same resource type: its objects are taken as they are.
                continue;
            }
            fail(
                format!(
                    "{from} cannot become {to}: the provider {} does not take over objects of other resource types. Keep the old block, or import the object to {to} and have the old address removed.",
                    addr.for_display()
                ),
                diags,
            );
            continue;
        }
        let source_provider = source.to_string();
        let request = MoveRequest {
            source_provider: &source_provider,
            source_type: &from.resource.ty,
            source_schema_version: object.schema_version as i64,
            source_state: object.attributes.as_bytes(),
            source_private: object.private.clone(),
            source_identity: object
                .identity
                .as_ref()
                .map(|(version, json)| (i64::try_from(*version).unwrap_or(i64::MAX), json.as_bytes())),
            target_type: &to.resource.ty,
        };
        let answer = match cx.validator(&target).await {
            Ok(p) => p.move_resource_state(request).await,
            Err(e) => Err(e),
        };
        let (value, d) = match answer {
            Ok(a) => a,
            Err(e) => {
                diags.push(call_failed(&e).about(to));
                continue;
            }
        };
        if provider_diags(diags, d, None, Some(block.span), Some(to.to_string())) {
            continue;
        }
        let moved = value.filter(|m| !m.value.is_null() && m.value.is_wholly_known());
        let Some(MovedObject { value, private, identity }) = moved else {
            fail(format!("The provider gave no object for {to}. This is a bug in the provider."), diags);
            continue;
        };
        let value = mark_sensitive(value, &schema);
        let deps = object.dependencies.clone();
        let identity = match crate::identity::stored(identity.as_ref(), schemas.identity(&to.resource.ty)) {
            Ok(identity) => identity,
            Err(why) => {
                fail(
                    format!(
                        "The identity that the provider gave for {to} cannot be kept: it{why}. This is a bug in the provider."
                    ),
                    diags,
                );
                continue;
            }
        };
        match value_object(&value, &schema, private, object.status, deps, object.create_before_destroy) {
            Ok(o) => state.set_current(to, &target, Some(Arc::new(Object { identity, ..o }))),
            Err(e) => fail(format!("The provider gave an invalid object for {to}: {e}."), diags),
        }
    }
}

fn parts(t: &Target) -> Option<(&ModuleInstance, &Resource, Key)> {
    match t {
        Target::Resource(r) => Some((&r.module, &r.resource, Key::None)),
        Target::Instance(i) => Some((&i.module, &i.resource, i.key.clone())),
        Target::Module(_) => None,
    }
}

/// `count` added to or removed from a resource: `a` and `a[0]` are the same object.
fn implied(config: &Config, state: &State) -> Vec<(ResourceInstance, ResourceInstance)> {
    let mut out = Vec::new();
    for (abs, r) in &state.resources {
        let node: Option<Arc<ModuleNode>> = config.root.descend(&abs.module.path());
        let Some(block) = node.and_then(|n| n.module.resources.get(&abs.resource).cloned()) else { continue };
        let has = |k: &Key| r.instances.contains_key(k);
        let (from, to) = if block.count.is_some() {
            (Key::None, Key::Int(0))
        } else if block.for_each.is_none() {
            (Key::Int(0), Key::None)
        } else {
            continue;
        };
        if has(&from) && !has(&to) {
            out.push((abs.instance(from), abs.instance(to)));
        }
    }
    out
}
