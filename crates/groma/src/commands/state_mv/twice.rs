//! Objects that are in both states, because an earlier move between them was interrupted:
//! the destination is written first, so what an interruption leaves is there twice.

use super::rebased;
use groma_state::{InstanceState, ResourceState, State};
use groma_value::addr::{Key, ProviderConfig, ResourceInstance, Target};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where an instance is to be moved; `None` if it is not among what is moved, or if it
/// cannot be moved so.
fn destination(source: &Target, to: &Target, addr: &ResourceInstance) -> Option<ResourceInstance> {
    match (source, to) {
        (Target::Module(a), Target::Module(b)) => {
            let module = addr.module.within(a).then(|| rebased(&addr.module, a, b))?;
            Some(ResourceInstance { module, ..addr.clone() })
        }
        (Target::Resource(a), Target::Resource(b)) => {
            (addr.abs_resource() == *a).then(|| b.instance(addr.key.clone()))
        }
        (Target::Resource(a), Target::Instance(b)) => {
            (addr.abs_resource() == *a && addr.key == Key::None).then(|| b.clone())
        }
        (Target::Instance(a), Target::Instance(b)) => (addr == a).then(|| b.clone()),
        (Target::Instance(a), Target::Resource(b)) => (addr == a).then(|| b.instance(Key::None)),
        _ => None,
    }
}

/// Takes out of `new` what a move from `old` would put there and what is there already,
/// the same in everything. Returns how many instances that are.
pub fn forget_same(source: &Target, to: &Target, old: &State, new: &mut State) -> usize {
    let mut twice = Vec::new();
    for (addr, from, instance) in old.instances() {
        let Some(target) = destination(source, to, &addr) else { continue };
        let Some(there) = new.resources.get(&target.abs_resource()) else { continue };
        let Some(other) = there.instances.get(&target.key) else { continue };
        if same(&addr, (&from.provider, instance), (&there.provider, other)) {
            twice.push(target);
        }
    }
    for target in &twice {
        let resource = target.abs_resource();
        if let Some(shared) = new.resources.get_mut(&resource) {
            let r = Arc::make_mut(shared);
            r.instances.remove(&target.key);
            if r.instances.is_empty() {
                new.resources.remove(&resource);
            }
        }
    }
    twice.len()
}

/// The first instance that is in both states with the same `id`, though not the same in
/// everything: its addresses in `old` and in `new`.
pub fn same_object(
    source: &Target,
    to: &Target,
    old: &State,
    new: &State,
) -> Option<(ResourceInstance, ResourceInstance)> {
    old.instances().find_map(|(addr, _, instance)| {
        let target = destination(source, to, &addr)?;
        let id = id(instance)?;
        (id == self::id(new.instance(&target)?)?).then_some((addr, target))
    })
}

fn id(instance: &InstanceState) -> Option<String> {
    let attributes: serde_json::Value = serde_json::from_str(&instance.current.as_ref()?.attributes).ok()?;
    attributes.get("id")?.as_str().map(str::to_owned)
}

type Stored<'s> = (&'s ProviderConfig, &'s InstanceState);

/// Whether two instances are stored as the same text, addresses aside.
fn same(addr: &ResourceInstance, a: Stored<'_>, b: Stored<'_>) -> bool {
    let alone = |(provider, instance): Stored<'_>| {
        let instances = BTreeMap::from([(addr.key.clone(), instance.clone())]);
        let resource = Arc::new(ResourceState { provider: provider.clone(), instances });
        State { resources: BTreeMap::from([(addr.abs_resource(), resource)]), ..State::default() }
    };
    groma_state::file::same_content(&alone(a), &alone(b))
}
