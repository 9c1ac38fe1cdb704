//! Addresses of AWS's services whose prefix lists nobody has read yet.
//!
//! "AWS-managed prefix lists": the list of a gateway endpoint has public addresses of its
//! service. A rule and a route that name the same list mean the same addresses, whichever
//! those are, and every route for a list is longer than the default route. So instead of
//! taking each for any address, all of them get one made-up range that nothing else has.
//!
//! That is as good as the real ones as far as nothing else tells addresses of the internet
//! apart. Where rules or entries of ACLs name some of them, those may be the service's, too:
//! they may count for the made-up range. Where routes do, or where they name the made-up
//! ranges themselves, nothing is made up, and the list stays unknown.

use std::collections::BTreeMap;

use ipnet::{IpNet, Ipv4Net};

use super::build::*;
use super::lists::service_of;
use super::read::Known;
use crate::engine::internet;
use crate::model::*;
use crate::ports::Family;

/// 192.88.99.0/24, which once led to relays and is nobody's now (RFC 7526): sixteen parts.
const BASE: u32 = 0xc058_6300;
const PART: u8 = 28;
const PARTS: usize = 16;

/// Whether a range is some of the internet's IPv4 addresses, but not all.
fn some_public(range: &IpNet) -> bool {
    let IpNet::V4(r) = range else { return false };
    let (first, last) = (u128::from(u32::from(r.network())), u128::from(u32::from(r.broadcast())));
    r.prefix_len() > 0 && internet(Family::V4).iter().any(|s| s.0 <= last && first <= s.1)
}

/// Whether a range has one of the made-up addresses, and is not all addresses.
fn made_up(range: &IpNet) -> bool {
    let IpNet::V4(r) = range else { return false };
    let (first, last) = (u32::from(r.network()), u32::from(r.broadcast()));
    r.prefix_len() > 0 && first <= BASE + 0xff && BASE <= last
}

impl Build<'_> {
    /// Gives the unknown lists of gateway endpoints their ranges.
    pub(crate) fn read_service_ranges(&mut self) {
        let mut names: BTreeMap<String, Vec<GatewayId>> = BTreeMap::new();
        let mut lists: BTreeMap<String, Vec<PrefixListId>> = BTreeMap::new();
        for o in self.of("aws_vpc_endpoint") {
            let Known::Is(name) = self.get(o, "service_name").text() else { continue };
            let gateway = self.get(o, "id").id().is().and_then(|id| self.gateways.get(id).copied());
            let (Some(gateway), Some(_)) = (gateway, service_of(name)) else { continue };
            // Endpoints are for IPv4 where nothing is said; the lists have one family.
            if !matches!(self.get(o, "ip_address_type").text(), Known::Absent | Known::Is("ipv4")) {
                continue;
            }
            names.entry(name.to_owned()).or_default().push(gateway);
            let list = self.get(o, "prefix_list_id").id().is().and_then(|id| self.lists.get(id).copied());
            if let Some(l) = list.filter(|l| self.net.prefix_lists[l.index()].entries.is_none()) {
                lists.entry(name.to_owned()).or_default().push(l);
            }
        }
        if names.is_empty() || names.len() > PARTS || self.tells_apart() {
            return;
        }
        let mut used: Vec<(IpNet, ItemId)> = Vec::new();
        for (n, (name, gateways)) in names.iter().enumerate() {
            let Ok(range) = Ipv4Net::new((BASE + 16 * n as u32).into(), PART) else { continue };
            let range = IpNet::V4(range);
            used.push((range, self.net.gateways[gateways[0].index()].item));
            for l in lists.get(name).into_iter().flatten() {
                // One that two regions seem to have in common has the addresses of both.
                self.net.prefix_lists[l.index()].entries.get_or_insert_default().push(range);
            }
            for route in self.net.tables.iter_mut().flat_map(|t| &mut t.routes) {
                if route.range.is_none()
                    && matches!(route.target, Target::Gateway(g) if gateways.contains(&g))
                {
                    route.range = Some(range);
                }
            }
        }
        self.perhaps_of_services(&used);
    }

    /// Whether routes tell addresses of the internet apart, or anything names made-up ones.
    fn tells_apart(&self) -> bool {
        let net = &self.net;
        let routes = net.tables.iter().flat_map(|t| &t.routes).filter_map(|r| r.range);
        let hubs = net.hub_tables.iter().flat_map(|t| &t.routes).filter_map(|r| r.range);
        let behind = net.gateways.iter().filter_map(|g| match &g.kind {
            GatewayKind::Private { ranges, .. } => ranges.as_ref(),
            _ => None,
        });
        let attached = net.attachments.iter().filter_map(|a| match &a.what {
            Attached::Outside { ranges, .. } => ranges.as_ref(),
            _ => None,
        });
        let vpcs = net.vpcs.iter().map(|v| &v.ranges).chain(net.subnets.iter().map(|s| &s.ranges));
        let interfaces = net.interfaces.iter().map(|i| &i.addresses);
        let placed = behind.chain(attached).chain(vpcs).chain(interfaces).flatten().copied();
        let rules = net.groups.iter().flat_map(|g| g.ingress.iter().chain(&g.egress));
        let peers = rules.filter_map(|r| match r.peer {
            Peer::Range(r) => Some(r),
            _ => None,
        });
        let entries = net.acls.iter().flat_map(|a| a.ingress.iter().chain(&a.egress));
        let entries = entries.filter_map(|e| e.range);
        let lists = net.prefix_lists.iter().filter_map(|l| l.entries.as_ref()).flatten().copied();
        routes.chain(hubs).chain(placed).any(|r| some_public(&r))
            || peers.chain(entries).chain(lists).any(|r| made_up(&r))
    }

    /// What is said of some addresses of the internet may be said of a service's.
    fn perhaps_of_services(&mut self, used: &[(IpNet, ItemId)]) {
        let real = |r: &IpNet| some_public(r) && !made_up(r);
        let public: Vec<bool> =
            self.net.prefix_lists.iter().map(|l| l.entries.iter().flatten().any(real)).collect();
        let mut rules = self.net.groups.iter().flat_map(|g| g.ingress.iter().chain(&g.egress));
        let mut entries = self.net.acls.iter().flat_map(|a| a.ingress.iter().chain(&a.egress));
        let of_rules = rules.any(|r| match r.peer {
            Peer::Range(r) => real(&r),
            Peer::List(l) => public[l.index()],
            _ => false,
        });
        if !of_rules && !entries.any(|e| e.range.is_some_and(|r| real(&r))) {
            return;
        }
        for (range, item) in used {
            let item = *item;
            let why = "whether the service has some of the addresses that a rule names is not known";
            let presence = self.maybe(item, "prefix_list_id", why);
            for group in &mut self.net.groups {
                for rules in [&mut group.ingress, &mut group.egress] {
                    let concerned = rules.iter().filter(|r| match r.peer {
                        Peer::Range(r) => real(&r),
                        Peer::List(l) => public[l.index()],
                        _ => false,
                    });
                    let copies: Vec<Rule> = concerned
                        .map(|r| Rule { peer: Peer::Range(*range), presence, ..r.clone() })
                        .collect();
                    rules.extend(copies);
                }
            }
            for acl in &mut self.net.acls {
                for entries in [&mut acl.ingress, &mut acl.egress] {
                    let concerned = entries.iter().filter(|e| e.range.is_some_and(|r| real(&r)));
                    let copies: Vec<AclEntry> =
                        concerned.map(|e| AclEntry { range: Some(*range), presence, ..e.clone() }).collect();
                    entries.extend(copies);
                    entries.sort_by_key(|e| e.number);
                }
            }
        }
    }
}
