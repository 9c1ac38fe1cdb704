//! Which packets to try: the values at which some rule of a network begins or ends, so
//! that every class of values which the rules tell apart has one.

use crate::concrete::ranges_of_interest;
use crate::sim::is_public;
use groma_prove::model::*;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub struct Probes {
    /// Destination ports.
    pub ports: Vec<u16>,
    /// Addresses on the internet.
    pub public: Vec<IpAddr>,
    /// One address of each class, wherever.
    pub addresses: Vec<IpAddr>,
}

impl Probes {
    pub fn new(net: &Network) -> Self {
        let mut ports = vec![0, 65535];
        let mut add = |p: &Option<Ports>| {
            if let Some(p) = p {
                ports.extend([p.from.saturating_sub(1), p.from, p.to, p.to.saturating_add(1)]);
            }
        };
        for group in &net.groups {
            group.ingress.iter().chain(&group.egress).for_each(|r| add(&r.ports));
        }
        for acl in &net.acls {
            acl.ingress.iter().chain(&acl.egress).for_each(|e| add(&e.ports));
        }
        ports.sort_unstable();
        ports.dedup();
        let mut addresses = vec![
            IpAddr::V4(Ipv4Addr::new(9, 9, 9, 9)),
            IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)),
            IpAddr::V6(Ipv6Addr::new(0x2a00, 0x1450, 0, 0, 0, 0, 0, 7)),
        ];
        for range in ranges_of_interest(net) {
            addresses.extend([range.network(), range.broadcast()]);
            addresses.extend(before(range));
            addresses.extend(after(range));
        }
        addresses.sort_unstable();
        addresses.dedup();
        let in_vpc = |a: &IpAddr| net.vpcs.iter().any(|v| v.ranges.iter().any(|r| r.contains(a)));
        // Addresses of services with gateway endpoints are ends of their own.
        let service = |a: &IpAddr| {
            let lists = net.prefix_lists.iter().filter(|l| l.service.is_some());
            lists.flat_map(|l| l.entries.iter().flatten()).any(|e| e.contains(a))
        };
        let public =
            addresses.iter().copied().filter(|a| is_public(*a) && !in_vpc(a) && !service(a)).collect();
        Self { ports, public, addresses }
    }

    /// Source ports from `low` to `high`, at whose places some rule begins or ends.
    pub fn client_ports(&self, low: u16, high: u16) -> Vec<u16> {
        let mut all: Vec<u16> = self.ports.iter().copied().filter(|p| (low..=high).contains(p)).collect();
        all.extend([low, high]);
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Addresses in any of these ranges; all public ones without ranges.
    pub fn within(&self, ranges: &[IpNet], four: bool) -> Vec<IpAddr> {
        self.addresses
            .iter()
            .copied()
            .filter(|a| a.is_ipv4() == four && ranges.iter().any(|r| r.contains(a)))
            .collect()
    }
}

fn before(range: IpNet) -> Option<IpAddr> {
    match range.network() {
        IpAddr::V4(a) => u32::from(a).checked_sub(1).map(|a| IpAddr::V4(a.into())),
        IpAddr::V6(a) => u128::from(a).checked_sub(1).map(|a| IpAddr::V6(a.into())),
    }
}

fn after(range: IpNet) -> Option<IpAddr> {
    match range.broadcast() {
        IpAddr::V4(a) => u32::from(a).checked_add(1).map(|a| IpAddr::V4(a.into())),
        IpAddr::V6(a) => u128::from(a).checked_add(1).map(|a| IpAddr::V6(a.into())),
    }
}
