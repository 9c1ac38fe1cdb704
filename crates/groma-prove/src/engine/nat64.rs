//! From IPv6 to private IPv4 addresses by NAT gateways. "DNS64 and NAT64", Amazon VPC User
//! Guide: IPv6-only workloads reach IPv4 services in the VPC, in connected VPCs and networks,
//! and on the internet. Which of them is asked for stands in the address, so it is two walks:
//! to the gateway in IPv6, and from it in IPv4. Only possible: what comes back is not followed.

use super::Engine;
use super::core::Core;
use super::lanes::{Lanes, MAY, NONE};
use super::routes::Place;
use super::walk::{Direction, Start, Step};
use crate::model::{GatewayKind, InterfaceId, Network, NodeId, Target, Tri};
use crate::ports::{Family, PortSet, Traffic};
use crate::witness::{Connection, Hop, HopKind, Uncertain};
use ipnet::IpNet;

const WHY: &str = "by NAT64 it may come to any IPv4 address that the NAT gateway reaches";

/// Whether a table leads IPv6 to a NAT gateway, and somebody has an IPv6 address.
pub fn in_use(net: &Network) -> bool {
    let nat = |t: &Target| match t {
        Target::Gateway(g) => matches!(net.gateways[g.index()].kind, GatewayKind::Nat { .. }),
        _ => false,
    };
    let six = |r: &Option<IpNet>| !matches!(r, Some(IpNet::V4(_)));
    net.tables.iter().flat_map(|t| &t.routes).any(|r| nat(&r.target) && six(&r.range))
        && net.interfaces.iter().any(|i| i.families.1 != Tri::No)
}

impl Engine<'_> {
    /// What travels in IPv4 from NAT gateways that `from` may reach in IPv6.
    pub(super) fn translated(&self, four: &mut Core<'_>, from: NodeId, to: NodeId) -> Lanes {
        if !self.nat64 || Some(from) == self.internet || Some(to) == self.internet {
            return NONE;
        }
        let (gateways, traffic) = self.gateways_of(from);
        let mut all = NONE;
        for gateway in gateways {
            let Some(source) = four.translator_party(gateway) else { continue };
            for target in self.parties(four, to) {
                let lanes = four.pair(source, target);
                all = four.pool.or(all, lanes);
            }
        }
        let passes = four.pool.both(traffic, Traffic::none());
        let all = four.pool.and(all, passes);
        four.pool.and(all, MAY)
    }

    /// The NAT gateways that a node may send IPv6 to, and what of it, as IPv4.
    fn gateways_of(&self, from: NodeId) -> (Vec<InterfaceId>, Traffic) {
        let mut gateways: Vec<InterfaceId> = Vec::new();
        let mut traffic = Traffic::none();
        let core = &mut *self.cores[Family::V6.index()].borrow_mut();
        let Some(behind) = core.behind_nat64 else { return (gateways, traffic) };
        let to = core.parties[behind as usize].loc;
        for party in self.parties(core, from) {
            let Place::Subnet(subnet, vpc) = core.locs[core.parties[party as usize].loc as usize].place
            else {
                continue;
            };
            let lanes = core.pair(party, behind);
            if lanes == NONE {
                continue;
            }
            traffic = traffic.or(core.pool.lane(lanes, 0));
            let walk = core.walk(Start::Subnet(subnet), Some(vpc), to, Direction::Opening);
            for step in walk.iter().flat_map(|(_, legs)| legs).flat_map(|l| &l.steps) {
                if let Step::Translate(i, true) = step
                    && !gateways.contains(i)
                {
                    gateways.push(*i);
                }
            }
        }
        let icmp = if traffic.icmp.is_empty() { PortSet::default() } else { PortSet::all() };
        (gateways, Traffic { tcp: traffic.tcp, udp: traffic.udp, icmp, ..Traffic::none() })
    }

    /// A connection that only NAT64 explains: with what it relies on.
    pub(super) fn shown_as_translated(
        &self,
        from: NodeId,
        (mut connection, mut doubts): (Connection, Vec<Uncertain>),
    ) -> (Connection, Vec<Uncertain>) {
        for gateway in self.gateways_of(from).0 {
            let item = self.network.interfaces[gateway.index()].item;
            let doubt = Uncertain { doubt: None, item, why: WHY.into() };
            let hop = Hop {
                kind: HopKind::Nat,
                item,
                what: "translates it to IPv4".into(),
                packet: connection.packet,
                doubt: Some(doubt.clone()),
            };
            let at = 1.min(connection.forward.len());
            connection.forward.insert(at, hop);
            doubts.push(doubt);
        }
        (connection, doubts)
    }
}
