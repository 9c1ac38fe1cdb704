//! Many pairs at once: what pairs have in common is looked up in tables, not computed.

use super::alike::Alike;
use super::core::{Core, Party, Seen};
use super::lanes::{Lanes, NONE, Op};
use super::map::fold;
use super::routes::Place;
use crate::model::GroupId;
use std::collections::HashMap;

/// Not looked at yet.
const UNSET: Lanes = Lanes(u32::MAX);

/// A pair of locations with one certain or uncertain way on which no single address
/// counts.
#[derive(Clone, Copy)]
enum Between {
    Unset,
    /// The way's filters, and what references to groups count.
    Simple(Lanes, (Lanes, Lanes)),
    /// Anything else: has to be computed pair by pair.
    Other,
}

/// Tables for one family; lanes by group set and other group set, by group set and
/// location.
pub struct Dense {
    groups: usize,
    locs: usize,
    members: [Vec<Lanes>; 2],
    folds: [Vec<Lanes>; 2],
    alike: Alike,
    /// From the present source location to those that have no like.
    row: Row,
    /// From the present class of sources to classes.
    class_row: Row,
}

/// From one source to all destinations, by destination, whether it is the source's subnet,
/// and `any_port`.
struct Row {
    source: Option<u32>,
    to: Vec<Between>,
}

impl Row {
    fn new(destinations: usize) -> Self {
        Self { source: None, to: vec![Between::Unset; destinations * 4] }
    }

    /// Whether it was another source's.
    fn begin(&mut self, source: u32) -> bool {
        let other = self.source != Some(source);
        if other {
            self.source = Some(source);
            self.to.fill(Between::Unset);
        }
        other
    }
}

impl Dense {
    pub fn new(core: &mut Core<'_>) -> Self {
        let (groups, locs) = (core.groups.len(), core.locs.len());
        // Tables for very many group sets would be larger than what they save.
        let of = |size: usize| if size <= 1 << 24 { vec![UNSET; size] } else { Vec::new() };
        let alike = Alike::new(core);
        Self {
            groups,
            locs,
            members: members(core),
            folds: [of(groups * locs), of(groups * locs)],
            row: Row::new(locs),
            class_row: Row::new(alike.classes),
            alike,
        }
    }

    /// By what sources are to be sorted so that what is remembered of one serves the next.
    pub fn order(&self, core: &Core<'_>, party: u32) -> (Option<u32>, u32) {
        let loc = core.parties[party as usize].loc;
        (self.alike.class(loc), loc)
    }

    /// As [`Core::compute`]. Fast if calls for one source location follow each other, and
    /// those for locations that are alike.
    pub fn pair(&mut self, core: &mut Core<'_>, from: u32, to: u32) -> Lanes {
        let (a, b) = (core.parties[from as usize], core.parties[to as usize]);
        let subnet = |core: &Core<'_>, loc: u32| match core.locs[loc as usize].place {
            Place::Subnet(subnet, _) => Some(subnet),
            _ => None,
        };
        let known =
            (a.groups.max(b.groups) as usize) < self.groups && (a.loc.max(b.loc) as usize) < self.locs;
        let (Some(a_subnet), Some(b_subnet)) = (subnet(core, a.loc), subnet(core, b.loc)) else {
            return core.compute(from, to);
        };
        if !known || self.members[0].is_empty() || self.folds[0].is_empty() {
            return core.compute(from, to);
        }
        if self.row.begin(a.loc) {
            // Ways from elsewhere are not asked for again.
            core.forget_ways();
        }
        let flags = usize::from(a.any_port) * 2 + usize::from(a_subnet == b_subnet);
        let entry = match (self.alike.class(a.loc), self.alike.class(b.loc)) {
            (Some(x), Some(y)) => {
                self.class_row.begin(x);
                &mut self.class_row.to[y as usize * 4 + flags]
            }
            _ => &mut self.row.to[b.loc as usize * 4 + flags],
        };
        if let Between::Unset = *entry {
            *entry = between(core, from, to);
        }
        let (lanes, references) = match *entry {
            Between::Simple(lanes, references) => (lanes, references),
            _ => return core.compute(from, to),
        };
        let lanes = if lanes == NONE { NONE } else { self.filtered(core, &a, &b, lanes, references) };
        let lanes = match core.net.unsupported.is_empty() {
            true => lanes,
            false => {
                let opened = core.unsupported_of(from, to);
                core.pool.or(lanes, opened)
            }
        };
        let lanes = core.pool.and(lanes, a.exists);
        core.pool.and(lanes, b.exists)
    }

    /// What of a way's traffic both ends let through.
    fn filtered(
        &mut self,
        core: &mut Core<'_>,
        a: &Party,
        b: &Party,
        lanes: Lanes,
        references: (Lanes, Lanes),
    ) -> Lanes {
        let into = self.side(core, 0, b.groups, a.groups, a.loc, references.0);
        if into == NONE {
            return NONE;
        }
        let out = self.side(core, 1, a.groups, b.groups, b.loc, references.1);
        let lanes = core.pool.and(lanes, into);
        core.pool.and(lanes, out)
    }

    /// What the groups of one end let through: 0 inbound, 1 outbound.
    fn side(
        &mut self,
        core: &mut Core<'_>,
        side: usize,
        groups: u32,
        other: u32,
        loc: u32,
        references: Lanes,
    ) -> Lanes {
        let at = groups as usize * self.locs + loc as usize;
        if self.folds[side][at] == UNSET {
            let set = &core.groups[groups as usize];
            let map = if side == 0 { &set.ingress.map } else { &set.egress.map };
            self.folds[side][at] = fold(&mut core.pool, map, &core.locs[loc as usize].spans, Op::Either);
        }
        let range = self.folds[side][at];
        let members = self.members[side][groups as usize * self.groups + other as usize];
        if members == NONE {
            return range;
        }
        let members = core.pool.and(members, references);
        core.pool.or(range, members)
    }
}

/// What rules about groups let through, by group set and other group set: inbound, outbound.
/// Only where somebody carries what a rule names it is anything.
fn members(core: &mut Core<'_>) -> [Vec<Lanes>; 2] {
    let count = core.groups.len();
    if count * count > 1 << 24 {
        return [Vec::new(), Vec::new()];
    }
    let mut carriers: HashMap<GroupId, Vec<u32>> = HashMap::new();
    let mut unknown: Vec<u32> = Vec::new();
    for (n, set) in (0..).zip(&core.groups) {
        set.key.known().for_each(|g| carriers.entry(g).or_default().push(n));
        if set.key.has_unknown() {
            unknown.push(n);
        }
    }
    [true, false].map(|ingress| {
        let mut table = vec![NONE; count * count];
        for n in 0..count as u32 {
            let set = &core.groups[n as usize];
            let side = if ingress { &set.ingress } else { &set.egress };
            let named = side.members.iter().filter_map(|(g, _)| carriers.get(g)).flatten();
            let any = if side.members.is_empty() { &[][..] } else { &unknown };
            let others: Vec<u32> = named.chain(any).copied().collect();
            for other in others {
                table[n as usize * count + other as usize] = core.membership(n, other, ingress);
            }
        }
        table
    })
}

fn between(core: &mut Core<'_>, from: u32, to: u32) -> Between {
    let (a, b) = (core.parties[from as usize], core.parties[to as usize]);
    let cells = core.cells_of(from, to);
    // No addresses, or none that are asked for.
    if cells.is_empty() {
        return Between::Simple(NONE, (NONE, NONE));
    }
    let whole = |core: &Core<'_>, loc: u32| core.locs[loc as usize].spans.clone();
    let [(piece, parts)] = cells.as_slice() else { return Between::Other };
    let [(part, combinations)] = parts.as_slice() else { return Between::Other };
    let [c] = combinations.as_slice() else { return Between::Other };
    if c.fixed == NONE {
        return Between::Simple(NONE, (NONE, NONE));
    }
    match (c.to.as_slice(), c.from.as_slice()) {
        ([(_, x)], [(_, y)])
            if c.seen == Seen::Own
                && c.public == (false, false)
                && whole(core, b.loc) == [*piece]
                && whole(core, a.loc) == [*part] =>
        {
            let lanes = core.pool.and(*x, *y);
            Between::Simple(core.pool.and(lanes, c.fixed), c.members)
        }
        _ => Between::Other,
    }
}
