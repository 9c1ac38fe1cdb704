//! The order of an apply: creations follow dependencies, destructions go against
//! them, and `create_before_destroy` turns a pair around.

use crate::graph::{Graph, Node};
use crate::plan::{Action, ResourceChange};
use groma_value::addr::ConfigResource;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a node of the apply graph does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Evaluates, creates, updates, reads: a node of the static graph.
    Static(u32),
    /// Destroys instances of a resource before anything is made.
    Destroy(ConfigResource),
    /// Destroys objects of a resource that something new has replaced.
    DestroyLate(ConfigResource),
}

/// The apply graph: steps and what each waits for.
pub(crate) struct Order {
    pub steps: Vec<Step>,
    pub deps: Vec<Vec<u32>>,
}

/// When the destroying part of a change runs, if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Never,
    Early,
    Late,
}

pub(crate) fn destroys(c: &ResourceChange) -> When {
    match c.action {
        Action::Delete | Action::Forget if c.deposed.is_some() || c.create_before_destroy => When::Late,
        Action::Delete | Action::Forget | Action::DeleteThenCreate => When::Early,
        Action::CreateThenDelete => When::Late,
        _ => When::Never,
    }
}

/// Builds the order for `changes`. Rules, each an edge "waits for":
/// - a static node waits for its static dependencies, and for the early
///   destruction of its own and of its state dependencies' objects;
/// - an early destruction waits for the destruction of everything that depends on it;
/// - a late destruction waits also for the making of its replacement and of
///   everything that depends on it.
pub(crate) fn order(graph: &Graph, changes: &[ResourceChange], destroying: bool) -> Order {
    let mut steps: Vec<Step> = (0..graph.nodes.len() as u32).map(Step::Static).collect();
    let mut deps = graph.deps.clone();
    let mut early: BTreeMap<ConfigResource, u32> = BTreeMap::new();
    let mut late: BTreeMap<ConfigResource, u32> = BTreeMap::new();
    // Who depends on whom: by the configuration and by the objects in the state.
    let mut dependents: HashMap<ConfigResource, BTreeSet<ConfigResource>> = HashMap::new();
    let mut providers: HashMap<ConfigResource, BTreeSet<u32>> = HashMap::new();
    for c in changes {
        let config = c.addr.config();
        for d in c.dependencies.iter() {
            dependents.entry(d.clone()).or_default().insert(config.clone());
        }
        let when = destroys(c);
        let (map, step) = match when {
            When::Never => continue,
            When::Early => (&mut early, Step::Destroy(config.clone())),
            When::Late => (&mut late, Step::DestroyLate(config.clone())),
        };
        map.entry(config.clone()).or_insert_with(|| {
            steps.push(step);
            deps.push(Vec::new());
            steps.len() as u32 - 1
        });
        if let Some(p) = graph.id(&Node::Provider(c.provider.whole())) {
            providers.entry(config).or_default().insert(p);
        }
    }
    let made = |c: &ConfigResource| graph.id(&Node::Resource(c.clone()));
    for (map, is_late) in [(&early, false), (&late, true)] {
        for (c, &me) in map {
            let me = me as usize;
            for &p in providers.get(c).into_iter().flatten() {
                // Where the provider is configured from what waits for this very
                // destruction, it is configured from the state instead.
                let circular = graph.ancestors(p).iter().any(|&a| match &graph.nodes[a as usize] {
                    Node::Resource(r) => r == c || dependents.get(r).is_some_and(|d| d.contains(c)),
                    _ => false,
                });
                if !circular || destroying {
                    deps[me].push(p);
                }
            }
            if is_late {
                deps[me].extend(made(c));
                deps[me].extend(early.get(c));
            }
            for s in dependents.get(c).into_iter().flatten().filter(|s| *s != c) {
                deps[me].extend(early.get(s));
                if is_late {
                    deps[me].extend(made(s));
                    deps[me].extend(late.get(s));
                } else if let (Some(&l), None) = (late.get(s), early.get(s)) {
                    // What goes late although this one goes early was an object of a
                    // kind that allows it; it must still go first.
                    let waits_for_me = deps[l as usize].contains(&(me as u32));
                    if !waits_for_me && made(s).is_none() {
                        deps[me].push(l);
                    }
                }
            }
        }
    }
    for c in changes {
        let config = c.addr.config();
        let Some(node) = made(&config) else { continue };
        if let Some(&e) = early.get(&config) {
            deps[node as usize].push(e);
        }
        for d in c.dependencies.iter() {
            if let Some(&e) = early.get(d)
                && *d != config
            {
                deps[node as usize].push(e);
            }
        }
    }
    for (i, d) in deps.iter_mut().enumerate() {
        d.sort_unstable();
        d.dedup();
        d.retain(|&x| x as usize != i);
    }
    Order { steps, deps }
}
