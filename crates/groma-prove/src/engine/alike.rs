//! Locations that routes, ACLs and zones do not tell apart: what is computed of the ways
//! between two of them holds for all that are like them.
//!
//! Two subnets of a VPC are alike if they have the same table and the same ACL, if their
//! addresses are in the same ranges of all those that routes and ACLs anywhere name, if their
//! zones have the same entries into transit gateways, and if no way has its own step in them:
//! no gateway, appliance or attachment is in them, where a walk compares subnets. Then a walk
//! from or to one is a walk from or to the other with that subnet put in its place, and its
//! filters are the same.

use super::core::{Core, GLOBAL};
use super::map::{Span, pieces, span};
use super::routes::{Loc, Place};
use super::walk::{NAT64, is_regional};
use crate::model::{
    AclId, Attached, AttachmentId, GatewayKind, Network, Presence, SubnetId, TableId, Target, VpcId,
};
use crate::ports::Family;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What of a location decides about ways.
#[derive(PartialEq, Eq, Hash)]
struct Key<'n> {
    vpc: VpcId,
    kind: Kind<'n>,
    zone: Zone<'n>,
    /// For each of its ranges, the sets of named ranges that its addresses are in, in order.
    within: Vec<Vec<u32>>,
}

/// What of a subnet decides, but for its zone and addresses.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Kind<'n> {
    table: TableId,
    tables: Option<&'n [TableId]>,
    acl: AclId,
    acl_sure: bool,
}

/// Zones with the same entries into transit gateways are one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Zone<'n> {
    Unknown,
    Like(u32),
    Only(&'n str),
}

/// The classes of all locations.
pub struct Alike {
    /// By location. `None`: nothing is like it.
    class: Vec<Option<u32>>,
    /// How many classes there are.
    pub classes: usize,
}

impl Alike {
    /// Of the locations that there are now. Near linear in routes, entries and locations.
    pub fn new(core: &Core<'_>) -> Self {
        let net = core.net;
        let inside = inside(net);
        let zones = zones(core, &inside);
        let doors = net.attachments.iter().flat_map(|a| match &a.what {
            Attached::Vpc { subnets, .. } => subnets.as_slice(),
            _ => &[],
        });
        let opened = net.openings.iter().filter_map(|o| o.subnet.as_ref());
        let apart: HashSet<SubnetId> = inside.iter().chain(doors).chain(opened).copied().collect();
        let ranges = Ranges::new(net, core.family);
        let mut known: HashMap<Key<'_>, u32> = HashMap::new();
        let mut class = Vec::with_capacity(core.locs.len());
        for Loc { place, spans } in &core.locs {
            let Place::Subnet(subnet, vpc) = *place else {
                class.push(None);
                continue;
            };
            if apart.contains(&subnet) {
                class.push(None);
                continue;
            }
            let zone = match net.subnets[subnet.index()].zone.as_deref() {
                None => Zone::Unknown,
                Some(z) => zones.get(z).map_or(Zone::Only(z), |n| Zone::Like(*n)),
            };
            let within = spans.iter().map(|s| ranges.within(*s)).collect();
            let next = known.len() as u32;
            let key = Key { vpc, kind: kind(net, subnet), zone, within };
            class.push(Some(*known.entry(key).or_insert(next)));
        }
        Self { class, classes: known.len() }
    }

    /// The class of a location; `None`: nothing is like it.
    pub fn class(&self, loc: u32) -> Option<u32> {
        self.class.get(loc as usize).copied().flatten()
    }
}

fn kind(net: &Network, subnet: SubnetId) -> Kind<'_> {
    let s = &net.subnets[subnet.index()];
    let tables = (s.table_presence != Presence::Sure).then_some(&*s.other_tables);
    Kind { table: s.table, tables, acl: s.acl, acl_sure: s.acl_presence == Presence::Sure }
}

/// Subnets in which something passes packets on.
fn inside(net: &Network) -> HashSet<SubnetId> {
    let targets = net.tables.iter().flat_map(|t| &t.routes).filter_map(|r| match r.target {
        Target::Interface(i) => Some(i),
        _ => None,
    });
    let translators = net.gateways.iter().filter_map(|g| match g.kind {
        GatewayKind::Nat { interface, .. } => Some(interface),
        _ => None,
    });
    targets.chain(translators).map(|i| net.interfaces[i.index()].subnet).collect()
}

/// Numbers of zones; the same for zones with the same entries. None where a zone is lost, as
/// then each zone is its own.
fn zones<'n>(core: &Core<'n>, inside: &HashSet<SubnetId>) -> HashMap<&'n str, u32> {
    let net = core.net;
    if core.routing.lost.is_some() {
        return HashMap::new();
    }
    // A subnet in which something passes packets on, or that serves two attachments, is no
    // common entry.
    let mut uses: BTreeMap<SubnetId, usize> = BTreeMap::new();
    let mut doors: BTreeMap<&str, Vec<(AttachmentId, SubnetId)>> = BTreeMap::new();
    for zone in net.subnets.iter().filter_map(|s| s.zone.as_deref()) {
        doors.entry(zone).or_default();
    }
    for (n, attachment) in net.attachments.iter().enumerate() {
        let Attached::Vpc { subnets, .. } = &attachment.what else { continue };
        for subnet in subnets {
            *uses.entry(*subnet).or_default() += 1;
            if let Some(zone) = net.subnets[subnet.index()].zone.as_deref() {
                doors.entry(zone).or_default().push((AttachmentId(n as u32), *subnet));
            }
        }
    }
    let mut known: HashMap<Vec<(AttachmentId, Kind<'_>)>, u32> = HashMap::new();
    let mut out = HashMap::new();
    for (zone, entries) in doors {
        if !is_regional(zone) || entries.iter().any(|(_, s)| uses[s] > 1 || inside.contains(s)) {
            continue;
        }
        let mut entries: Vec<_> = entries.into_iter().map(|(a, s)| (a, kind(net, s))).collect();
        entries.sort();
        let next = known.len() as u32;
        out.insert(zone, *known.entry(entries).or_insert(next));
    }
    out
}

/// All addresses, cut where a route or an entry of an ACL begins or ends.
struct Ranges {
    /// First address, and which set of ranges is over it.
    starts: Vec<(u128, u32)>,
}

impl Ranges {
    fn new(net: &Network, family: Family) -> Self {
        let routes = net.tables.iter().flat_map(|t| &t.routes).filter_map(|r| r.range);
        let hubs = net.hub_tables.iter().flat_map(|t| &t.routes).filter_map(|r| r.range);
        let entries = net.acls.iter().flat_map(|a| a.ingress.iter().chain(&a.egress)).filter_map(|e| e.range);
        let all = routes.chain(hubs).chain(entries).filter_map(|r| span(family, &r));
        let mut all: BTreeSet<Span> = all.collect();
        if family == Family::V6 {
            all.extend([GLOBAL, NAT64]);
        }
        let mut known: HashMap<Vec<u32>, u32> = HashMap::new();
        let mut starts = Vec::new();
        let numbered = all.into_iter().zip(0u32..).collect();
        pieces(family, numbered, |piece, over| {
            let next = known.len() as u32;
            let id = match known.get(over) {
                Some(id) => *id,
                None => {
                    known.insert(over.to_vec(), next);
                    next
                }
            };
            starts.push((piece.0, id));
        });
        Self { starts }
    }

    fn within(&self, span: Span) -> Vec<u32> {
        let from = self.starts.partition_point(|s| s.0 <= span.0).saturating_sub(1);
        let to = self.starts.partition_point(|s| s.0 <= span.1);
        self.starts[from..to.max(from)].iter().map(|s| s.1).collect()
    }
}
