//! The moments of an apply: what is there between its steps, for every order in which they may come.
//!
//! A moment is a set of steps that are over, with each step all that are over before it begins.
//! There are far too many to look at each. But most steps can only open something or only close
//! something, whatever else is there: of all moments that agree in the other steps, in one or in
//! something wider than all of them whatever opens is done and nothing that closes is. Routes and
//! associations may do both; they are taken as doubtful, so that they are there and are not. Only
//! what remains is looked at set by set, and, where a doubt decides, the steps of that doubt too.

use super::effects::{ACLS, ASSOCIATION, Effect, alike, text, ty};
use super::world::{Staged, WorldStep};
use groma_engine::Action;
use groma_prove::model::{Doubt, DoubtId, ItemId, Network, Presence, TableId};
use groma_prove::world::{Object, World};
use groma_prove::{Touches, extract};
use groma_value::addr::{Mode, ResourceInstance};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// A step that may change the network.
pub struct Change<'a> {
    /// The step.
    pub step: &'a WorldStep,
    /// What it does.
    pub effect: Effect,
    /// What is over before it begins, by index.
    after: Vec<usize>,
    /// The object that is there from then on.
    pub(super) adds: Option<&'a Object>,
    /// The object that is there until then.
    pub(super) removes: Option<&'a Object>,
}

/// Changes that are over, by index.
pub type Done = BTreeSet<usize>;

/// The moments of an apply.
pub struct Moments<'a> {
    staged: &'a Staged,
    /// The changes.
    pub changes: Vec<Change<'a>>,
    /// What is there all the time.
    always: Vec<&'a Object>,
}

/// The network that stands for moments.
pub struct Moment {
    /// What is there.
    pub network: Network,
    /// The changes of which it has a doubt, by the doubt.
    pub doubtful: HashMap<DoubtId, usize>,
}

type Key = (Arc<str>, ResourceInstance);

fn key(o: &Object) -> Key {
    (o.root.clone(), o.addr.clone())
}

impl<'a> Moments<'a> {
    /// The moments of an apply with these steps.
    pub fn new(staged: &'a Staged, steps: &'a [WorldStep]) -> Moments<'a> {
        let managed = |o: &&Object| o.addr.resource.mode != Mode::Data;
        let before: BTreeMap<Key, &Object> =
            staged.before.objects.iter().filter(managed).map(|o| (key(o), o)).collect();
        let after: BTreeMap<Key, &Object> = staged.world.objects.iter().map(|o| (key(o), o)).collect();
        let mut moments = Moments { staged, changes: Vec::new(), always: Vec::new() };
        // Which change each step is, and which objects come and go with one.
        let mut of_step: Vec<Option<usize>> = vec![None; steps.len()];
        let (mut come, mut go) = (BTreeSet::new(), BTreeSet::new());
        for (n, step) in steps.iter().enumerate() {
            let k = (step.root.clone(), step.step.addr.clone());
            let (old, new) = (before.get(&k).copied(), after.get(&k).copied());
            let updates = step.step.action == Action::Update;
            let (adds, removes) = match (step.step.gone, updates) {
                (true, _) => (None, old),
                (false, true) => (new, old),
                (false, false) => (new, None),
            };
            let touches = groma_prove::touches(&k.1.resource.ty) != Touches::Nothing;
            let changes = match (adds, removes) {
                (Some(a), Some(b)) => touches && !alike(a, b),
                // What touches no network may be there, or still be there.
                (Some(_), None) | (None, Some(_)) => touches,
                (None, None) => false,
            };
            if changes {
                of_step[n] = Some(moments.changes.len());
                come.extend(adds.map(key));
                go.extend(removes.map(key));
                let after = Vec::new();
                moments.changes.push(Change { step, effect: Effect::Both, after, adds, removes });
            }
        }
        moments.always.extend(after.iter().filter(|(k, _)| !come.contains(*k)).map(|(_, o)| *o));
        // What goes and is no change stays; what stays looks as it will look.
        let stays = |k: &Key| !go.contains(k) && (!after.contains_key(k) || come.contains(k));
        moments.always.extend(before.iter().filter(|(k, _)| stays(k)).map(|(_, o)| *o));
        moments.order(steps, &of_step);
        moments.judge();
        moments
    }

    /// What is over before what: in a root module as its apply has it, between root modules those
    /// that another one reads.
    fn order(&mut self, steps: &[WorldStep], of_step: &[Option<usize>]) {
        let mut needs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for r in &self.staged.roots {
            let mut all: BTreeSet<&str> = BTreeSet::new();
            let mut next: Vec<&str> = r.needs.iter().map(String::as_str).collect();
            while let Some(n) = next.pop() {
                if all.insert(n) {
                    let more = self.staged.roots.iter().filter(|r| r.name == n);
                    next.extend(more.flat_map(|r| r.needs.iter().map(String::as_str)));
                }
            }
            needs.insert(&r.name, all);
        }
        for (n, step) in steps.iter().enumerate() {
            let Some(change) = of_step[n] else { continue };
            let own = step.step.after.iter().filter_map(|s| of_step[*s as usize]);
            let mut after: BTreeSet<usize> = own.collect();
            if let Some(needed) = needs.get(&*step.root) {
                let others = self.changes.iter().enumerate();
                after.extend(others.filter(|(_, c)| needed.contains(&*c.step.root)).map(|(n, _)| n));
            }
            self.changes[change].after = after.into_iter().collect();
        }
    }

    fn judge(&mut self) {
        let effects: Vec<Effect> = self.changes.iter().map(|c| self.effect(c)).collect();
        self.changes.iter_mut().zip(effects).for_each(|(c, e)| c.effect = e);
    }

    /// Network ACLs are told apart together: what a subnet has before it has its own lets more
    /// through only as long as nobody has changed that.
    fn with_acls(&self, mut split: Done) -> Done {
        let of_acls = |n: &usize| ACLS.contains(&&*self.changes[*n].step.step.addr.resource.ty);
        if split.iter().any(of_acls) {
            split.extend((0..self.changes.len()).filter(of_acls));
        }
        split
    }

    pub(super) fn objects(&self) -> impl Iterator<Item = &'a Object> + '_ {
        let changed = self.changes.iter().flat_map(|c| c.adds.into_iter().chain(c.removes));
        self.always.iter().copied().chain(changed)
    }

    /// The changes that have to be told apart from the beginning.
    pub fn split(&self) -> Done {
        self.with_acls((0..self.changes.len()).filter(|n| self.changes[*n].effect == Effect::Both).collect())
    }

    /// All sets of the changes in `split` that may be over at some moment, at most `most`; `None`
    /// if there are more.
    pub fn sets(&self, split: &Done, most: usize) -> Option<Vec<Done>> {
        let mut seen: HashSet<Done> = HashSet::from([Done::new()]);
        let mut next: VecDeque<Done> = seen.iter().cloned().collect();
        let mut out = Vec::new();
        while let Some(set) = next.pop_front() {
            for c in split.iter().filter(|c| !set.contains(c)) {
                if self.waits_for(*c, split).all(|a| set.contains(&a)) {
                    let mut more = set.clone();
                    more.insert(*c);
                    if seen.insert(more.clone()) {
                        next.push_back(more);
                    }
                }
            }
            out.push(set);
            if out.len() + next.len() > most {
                return None;
            }
        }
        Some(out)
    }

    fn waits_for<'s>(&'s self, c: usize, split: &'s Done) -> impl Iterator<Item = usize> + 's {
        self.changes[c].after.iter().copied().filter(|a| split.contains(a))
    }

    /// Something at least as wide as every moment at which of `split` exactly `set` is over.
    pub fn widest(&self, split: &Done, set: &Done) -> Moment {
        let may = |n: usize| self.waits_for(n, split).all(|a| set.contains(&a));
        let mut objects = self.always.clone();
        let mut doubtful = Vec::new();
        for (n, c) in self.changes.iter().enumerate() {
            if split.contains(&n) {
                objects.extend(if set.contains(&n) { c.adds } else { c.removes });
                continue;
            }
            match c.effect {
                Effect::Opens => objects.extend(c.adds.filter(|_| may(n))),
                Effect::Closes => objects.extend(c.removes),
                _ if c.removes.is_some() || may(n) => {
                    objects.extend(c.adds.or(c.removes));
                    if may(n) {
                        doubtful.push(n);
                    }
                }
                _ => {}
            }
        }
        self.doubted(&objects, &doubtful)
    }

    /// Moments that there are, at which of `split` exactly `set` is over: everything is that need
    /// not wait for more, once but for what closes something, once with what others wait for.
    pub fn real(&self, split: &Done, set: &Done) -> Vec<Done> {
        let closes = |n: usize| self.changes[n].effect == Effect::Closes;
        let waited: Done = self
            .changes
            .iter()
            .filter(|c| c.effect != Effect::Closes)
            .flat_map(|c| &c.after)
            .copied()
            .collect();
        let all = |allowed: &dyn Fn(usize) -> bool| {
            let mut done = set.clone();
            set.iter().for_each(|n| done.extend(&self.changes[*n].after));
            loop {
                let may = |n: &usize| {
                    !(done.contains(n) || split.contains(n))
                        && allowed(*n)
                        && self.changes[*n].after.iter().all(|a| done.contains(a))
                };
                let more: Vec<usize> = (0..self.changes.len()).filter(may).collect();
                if more.is_empty() {
                    return done;
                }
                done.extend(more);
            }
        };
        let mut out = vec![all(&|n| !closes(n)), all(&|n| !closes(n) || waited.contains(&n))];
        out.dedup();
        out
    }

    /// The network at a moment.
    pub fn at(&self, done: &Done) -> Network {
        let changed = self.changes.iter().enumerate();
        let changed = changed.filter_map(|(n, c)| if done.contains(&n) { c.adds } else { c.removes });
        self.network(self.always.iter().copied().chain(changed))
    }

    fn network(&self, objects: impl Iterator<Item = &'a Object>) -> Network {
        let mut objects: Vec<Object> = objects.cloned().collect();
        objects.sort_by(|a, b| (&a.root, &a.addr, a.exists).cmp(&(&b.root, &b.addr, b.exists)));
        let world = World { objects, open: self.staged.world.open.clone() };
        super::labelled(extract(&world), self.staged)
    }

    /// The network of objects of which some may be there or not.
    fn doubted(&self, objects: &[&'a Object], doubtful: &[usize]) -> Moment {
        let mut network = self.network(objects.iter().copied());
        let mut moment = HashMap::new();
        if doubtful.is_empty() {
            return Moment { network, doubtful: moment };
        }
        let object = |n: usize| self.changes[n].adds.or(self.changes[n].removes);
        let associations: BTreeSet<Key> =
            doubtful.iter().filter_map(|n| object(*n)).filter(|o| ty(o) == ASSOCIATION).map(key).collect();
        // What subnets have without them.
        let without = (!associations.is_empty())
            .then(|| self.network(objects.iter().copied().filter(|o| !associations.contains(&key(o)))));
        for n in doubtful {
            let Some(o) = object(*n) else { continue };
            let name = name(o);
            let items: BTreeSet<ItemId> = named(&network, &name).collect();
            let why = "whether it is there at that moment depends on the order of the steps";
            let item = items.first().copied().unwrap_or_else(|| {
                network
                    .items
                    .push(groma_prove::model::Item { name: name.as_str().into(), place: o.place.clone() });
                ItemId(network.items.len() as u32 - 1)
            });
            network.doubts.push(Doubt { item, attribute: None, why: why.into() });
            let doubt = DoubtId(network.doubts.len() as u32 - 1);
            moment.insert(doubt, *n);
            let routes = network.tables.iter_mut().flat_map(|t| &mut t.routes);
            for r in routes.filter(|r| items.contains(&r.item)) {
                if r.presence == Presence::Sure {
                    r.presence = Presence::Maybe(doubt);
                }
            }
            if let (Some(w), ASSOCIATION) = (&without, ty(o)) {
                self.unassociated(&mut network, w, o, doubt);
            }
        }
        Moment { network, doubtful: moment }
    }

    /// Of the subnet of an association it is not certain which table it has: that one, or what it
    /// has without.
    fn unassociated(&self, network: &mut Network, without: &Network, o: &Object, doubt: DoubtId) {
        let id = text(o, "subnet_id");
        let subnet = self.objects().find(|s| ty(s) == "aws_subnet" && text(s, "id") == id);
        let Some(subnet) = subnet.map(name) else { return };
        let table_of = |net: &Network| {
            let s = net.subnets.iter().find(|s| *net.items[s.item.index()].name == *subnet)?;
            let tables = [s.table].into_iter().chain(s.other_tables.iter().copied());
            Some(
                tables
                    .map(|t| net.items[net.tables[t.index()].item.index()].name.clone())
                    .collect::<Vec<_>>(),
            )
        };
        let others = table_of(without).unwrap_or_default();
        let table = |net: &Network, name: &str| {
            net.tables
                .iter()
                .position(|t| *net.items[t.item.index()].name == *name)
                .map(|t| TableId(t as u32))
        };
        let found: Option<Vec<TableId>> = others.iter().map(|n| table(network, n)).collect();
        // Any table, where it cannot be told.
        let others = found.filter(|f| !f.is_empty());
        let others = others.unwrap_or_else(|| (0..network.tables.len() as u32).map(TableId).collect());
        let items = &network.items;
        for s in network.subnets.iter_mut().filter(|s| *items[s.item.index()].name == *subnet) {
            s.table_presence = Presence::Maybe(doubt);
            for t in &others {
                if s.table != *t && !s.other_tables.contains(t) {
                    s.other_tables.push(*t);
                }
            }
        }
    }

    /// The changes that may decide what a doubt or a hop of a way shows, by the names of their
    /// items: those of doubtful routes, and what has to go before something on the way is made.
    pub fn deciding(&self, split: &Done, doubted: &Done, names: &BTreeSet<String>) -> Done {
        let mut out: Done = doubted.difference(split).copied().collect();
        let on_way = |o: Option<&Object>| o.is_some_and(|o| names.contains(&name(o)));
        for (n, c) in self.changes.iter().enumerate().filter(|(n, _)| !split.contains(n)) {
            if c.effect == Effect::Closes && on_way(c.removes) {
                out.insert(n);
            }
            if on_way(c.adds) {
                let closed = c.after.iter().filter(|a| self.changes[**a].effect == Effect::Closes);
                out.extend(closed);
            }
        }
        self.with_acls(out).difference(split).copied().collect()
    }

    /// What a change is about, as the network's items have it.
    pub fn name(&self, n: usize) -> String {
        let c = &self.changes[n];
        c.adds.or(c.removes).map(name).unwrap_or_default()
    }

    /// What a change is called: `aws_route.direct is made`.
    pub fn called(&self, n: usize) -> String {
        let (c, name) = (&self.changes[n], self.name(n));
        let replaced = matches!(c.step.step.action, Action::DeleteThenCreate | Action::CreateThenDelete);
        match (c.adds.is_some(), c.removes.is_some()) {
            (true, true) => format!("{name} is changed"),
            (true, false) if replaced => format!("the new {name} is made"),
            (true, false) => format!("{name} is made"),
            _ if replaced => format!("the old {name} is gone"),
            _ => format!("{name} is gone"),
        }
    }
}

/// Root module and address of an object, as the network's items have it.
fn name(o: &Object) -> String {
    if o.root.is_empty() { o.addr.to_string() } else { format!("{}: {}", o.root, o.addr) }
}

fn named<'n>(network: &'n Network, name: &'n str) -> impl Iterator<Item = ItemId> + 'n {
    let all = network.items.iter().enumerate();
    all.filter(move |(_, i)| *i.name == *name).map(|(n, _)| ItemId(n as u32))
}
