//! Many pairs at once: what pairs have in common is looked up in tables, not computed.

use super::core::{Core, Seen};
use super::lanes::{Lanes, NONE, Op};
use super::map::fold;
use super::routes::Place;

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
    /// Of the present source location, by `any_port` and destination location.
    row: Vec<Between>,
    source: Option<u32>,
}

impl Dense {
    pub fn new(core: &Core<'_>) -> Self {
        let (groups, locs) = (core.groups.len(), core.locs.len());
        // Tables for very many group sets would be larger than what they save.
        let of = |size: usize| if size <= 1 << 24 { vec![UNSET; size] } else { Vec::new() };
        Self {
            groups,
            locs,
            members: [of(groups * groups), of(groups * groups)],
            folds: [of(groups * locs), of(groups * locs)],
            row: vec![Between::Unset; locs * 2],
            source: None,
        }
    }

    /// As [`Core::compute`]. Fast if calls for one source location follow each other.
    pub fn pair(&mut self, core: &mut Core<'_>, from: u32, to: u32) -> Lanes {
        let (a, b) = (core.parties[from as usize], core.parties[to as usize]);
        let subnet = |core: &Core<'_>, loc: u32| matches!(core.locs[loc as usize].place, Place::Subnet(..));
        let known =
            (a.groups.max(b.groups) as usize) < self.groups && (a.loc.max(b.loc) as usize) < self.locs;
        if !known
            || self.members[0].is_empty()
            || self.folds[0].is_empty()
            || !core.net.unsupported.is_empty()
            || !subnet(core, a.loc)
            || !subnet(core, b.loc)
        {
            return core.compute(from, to);
        }
        if self.source != Some(a.loc) {
            self.source = Some(a.loc);
            self.row.fill(Between::Unset);
            // Ways from elsewhere are not asked for again.
            core.forget_ways();
        }
        let at = b.loc as usize * 2 + usize::from(a.any_port);
        if let Between::Unset = self.row[at] {
            self.row[at] = between(core, from, to);
        }
        let (lanes, references) = match self.row[at] {
            Between::Simple(lanes, references) => (lanes, references),
            _ => return core.compute(from, to),
        };
        if lanes == NONE {
            return NONE;
        }
        let into = self.side(core, 0, b.groups, a.groups, a.loc, references.0);
        if into == NONE {
            return NONE;
        }
        let out = self.side(core, 1, a.groups, b.groups, b.loc, references.1);
        let lanes = core.pool.and(lanes, into);
        let lanes = core.pool.and(lanes, out);
        let lanes = core.pool.and(lanes, a.exists);
        core.pool.and(lanes, b.exists)
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
        let at = groups as usize * self.groups + other as usize;
        if self.members[side][at] == UNSET {
            self.members[side][at] = core.membership(groups, other, side == 0);
        }
        let members = self.members[side][at];
        if members == NONE {
            return range;
        }
        let members = core.pool.and(members, references);
        core.pool.or(range, members)
    }
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
