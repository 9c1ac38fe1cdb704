//! Sets of ports, and of what travels to them.

use crate::model::{Ports, Protocol};
use std::fmt;

/// A set of numbers from 0 to 65535: sorted, disjoint, not adjacent, both ends included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PortSet(Vec<(u16, u16)>);

impl PortSet {
    /// All of them.
    pub fn all() -> Self {
        Self(vec![(0, u16::MAX)])
    }
    /// From `from` to `to`, both included; empty if `from > to`.
    pub fn range(from: u16, to: u16) -> Self {
        Self(if from <= to { vec![(from, to)] } else { Vec::new() })
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Whether it is all of them.
    pub fn is_all(&self) -> bool {
        self.0 == [(0, u16::MAX)]
    }
    /// The ranges in order.
    pub fn ranges(&self) -> &[(u16, u16)] {
        &self.0
    }
    /// How many.
    pub fn count(&self) -> usize {
        self.0.iter().map(|(a, b)| usize::from(b - a) + 1).sum()
    }
    /// The smallest.
    pub fn first(&self) -> Option<u16> {
        self.0.first().map(|r| r.0)
    }
    /// Whether `port` is one of them.
    pub fn contains(&self, port: u16) -> bool {
        let at = self.0.partition_point(|r| r.1 < port);
        self.0.get(at).is_some_and(|r| r.0 <= port)
    }
    /// Whether all of `other` are in it.
    pub fn contains_all(&self, other: &Self) -> bool {
        other.minus(self).is_empty()
    }
    /// In either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let mut all: Vec<(u16, u16)> = self.0.iter().chain(&other.0).copied().collect();
        all.sort_unstable();
        let mut out: Vec<(u16, u16)> = Vec::with_capacity(all.len());
        for (from, to) in all {
            match out.last_mut() {
                Some(last) if u32::from(from) <= u32::from(last.1) + 1 => last.1 = last.1.max(to),
                _ => out.push((from, to)),
            }
        }
        Self(out)
    }
    /// In both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let (mut i, mut j, mut out) = (0, 0, Vec::new());
        while let (Some(a), Some(b)) = (self.0.get(i), other.0.get(j)) {
            let (from, to) = (a.0.max(b.0), a.1.min(b.1));
            if from <= to {
                out.push((from, to));
            }
            if a.1 < b.1 { i += 1 } else { j += 1 }
        }
        Self(out)
    }
    /// In this one only.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.and(&other.complement())
    }
    /// All that are not in it.
    #[must_use]
    pub fn complement(&self) -> Self {
        let (mut next, mut out) = (0u32, Vec::new());
        for &(from, to) in &self.0 {
            if u32::from(from) > next {
                out.push((next as u16, from - 1));
            }
            next = u32::from(to) + 1;
        }
        if next <= u32::from(u16::MAX) {
            out.push((next as u16, u16::MAX));
        }
        Self(out)
    }
}

impl fmt::Display for PortSet {
    /// `22, 80-443`; `all`; `none`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        if self.is_all() {
            return f.write_str("all");
        }
        for (n, (from, to)) in self.0.iter().enumerate() {
            f.write_str(if n > 0 { ", " } else { "" })?;
            if from == to { write!(f, "{from}")? } else { write!(f, "{from}-{to}")? }
        }
        Ok(())
    }
}

/// A set of IP protocol numbers without TCP, UDP and the family's ICMP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Others([u64; 4]);

impl Others {
    /// Whether `number` is one of them.
    pub fn contains(self, number: u8) -> bool {
        self.0[usize::from(number >> 6)] >> (number & 63) & 1 == 1
    }
    /// With `number`.
    #[must_use]
    pub fn with(mut self, number: u8) -> Self {
        self.0[usize::from(number >> 6)] |= 1 << (number & 63);
        self
    }
    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == [0; 4]
    }
    /// The numbers in order.
    pub fn numbers(self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).filter(move |n| self.contains(*n))
    }
    fn zip(self, other: Self, with: impl Fn(u64, u64) -> u64) -> Self {
        Self(std::array::from_fn(|i| with(self.0[i], other.0[i])))
    }
}

/// IPv4 or IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::V4, Self::V6];
    /// The protocol number of its ICMP.
    pub fn icmp(self) -> u8 {
        match self {
            Self::V4 => 1,
            Self::V6 => 58,
        }
    }
    /// 0 and 1.
    pub fn index(self) -> usize {
        self as usize
    }
}

/// The number of TCP.
pub const TCP: u8 = 6;
/// A protocol without ports that somebody might use.
const GRE: u8 = 47;
/// The number of UDP.
pub const UDP: u8 = 17;

/// What can travel between two ends over one IP family: for each protocol the
/// destination ports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Traffic {
    /// Destination ports of TCP.
    pub tcp: PortSet,
    /// Destination ports of UDP.
    pub udp: PortSet,
    /// ICMP (ICMPv6 in the other family): `type * 256 + code`.
    pub icmp: PortSet,
    /// All other protocols, by number; they have no ports.
    pub others: Others,
}

impl Traffic {
    /// Everything that an IP packet can be of `family`.
    pub fn all(family: Family) -> Self {
        let mut others = Others([u64::MAX; 4]);
        for number in [TCP, UDP, family.icmp()] {
            others.0[usize::from(number >> 6)] &= !(1 << (number & 63));
        }
        Self { tcp: PortSet::all(), udp: PortSet::all(), icmp: PortSet::all(), others }
    }
    /// Nothing.
    pub fn none() -> Self {
        Self::default()
    }
    /// What a rule of a security group or network ACL speaks of, in `family`.
    ///
    /// `ports` counts for TCP and UDP only; `icmp` is type and code, -1 for all, and
    /// counts for the family's ICMP only: there is no ICMPv6 over IPv4.
    pub fn of_rule(
        family: Family,
        protocol: Protocol,
        ports: Option<Ports>,
        icmp: Option<(i16, i16)>,
    ) -> Self {
        let number = match protocol {
            Protocol::Any => return Self::all(family),
            Protocol::Number(n) => n,
        };
        let ports = || ports.map_or_else(PortSet::all, |p| PortSet::range(p.from, p.to));
        match number {
            TCP => Self { tcp: ports(), ..Self::default() },
            UDP => Self { udp: ports(), ..Self::default() },
            n if n == family.icmp() => Self { icmp: icmp_set(icmp), ..Self::default() },
            n => Self { others: Others::default().with(n), ..Self::default() },
        }
    }
    /// TCP to these ports.
    pub fn of_tcp(ports: PortSet) -> Self {
        Self { tcp: ports, ..Self::default() }
    }
    /// UDP to these ports.
    pub fn of_udp(ports: PortSet) -> Self {
        Self { udp: ports, ..Self::default() }
    }
    /// Whether nothing travels.
    pub fn is_empty(&self) -> bool {
        self.tcp.is_empty() && self.udp.is_empty() && self.icmp.is_empty() && self.others.is_empty()
    }
    /// In either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self {
            tcp: self.tcp.or(&other.tcp),
            udp: self.udp.or(&other.udp),
            icmp: self.icmp.or(&other.icmp),
            others: self.others.zip(other.others, |a, b| a | b),
        }
    }
    /// In both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self {
            tcp: self.tcp.and(&other.tcp),
            udp: self.udp.and(&other.udp),
            icmp: self.icmp.and(&other.icmp),
            others: self.others.zip(other.others, |a, b| a & b),
        }
    }
    /// In this one only.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self {
            tcp: self.tcp.minus(&other.tcp),
            udp: self.udp.minus(&other.udp),
            icmp: self.icmp.minus(&other.icmp),
            others: self.others.zip(other.others, |a, b| a & !b),
        }
    }
    /// Whether a packet of `protocol` to `port` (`type * 256 + code` for the family's
    /// ICMP; any number for protocols without ports) is in it.
    pub fn contains(&self, family: Family, protocol: u8, port: u16) -> bool {
        match protocol {
            TCP => self.tcp.contains(port),
            UDP => self.udp.contains(port),
            n if n == family.icmp() => self.icmp.contains(port),
            n => self.others.contains(n),
        }
    }
    /// Some packet in it, protocol number and port: the usual protocols first.
    pub fn example(&self, family: Family) -> Option<(u8, u16)> {
        let first = |protocol: u8, set: &PortSet| set.first().map(|p| (protocol, p));
        first(TCP, &self.tcp)
            .or_else(|| first(UDP, &self.udp))
            .or_else(|| first(family.icmp(), &self.icmp))
            .or_else(|| self.others.contains(GRE).then_some((GRE, 0)))
            .or_else(|| self.others.numbers().next().map(|n| (n, 0)))
    }
}

fn icmp_set(icmp: Option<(i16, i16)>) -> PortSet {
    let byte = |n: i16| u16::from(u8::try_from(n).unwrap_or(u8::MAX));
    match icmp {
        None | Some((..0, _)) => PortSet::all(),
        Some((kind, ..0)) => PortSet::range(byte(kind) << 8, byte(kind) << 8 | 0xff),
        Some((kind, code)) => PortSet::range(byte(kind) << 8 | byte(code), byte(kind) << 8 | byte(code)),
    }
}

impl fmt::Display for Traffic {
    /// `tcp 443, 8080; udp 53; icmp all; protocols 47`; `everything`; `nothing`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing");
        }
        if Family::BOTH.into_iter().any(|family| *self == Self::all(family)) {
            return f.write_str("everything");
        }
        let mut parts = Vec::new();
        for (name, set) in [("tcp", &self.tcp), ("udp", &self.udp)] {
            if !set.is_empty() {
                parts.push(format!("{name} {set}"));
            }
        }
        if self.icmp.is_all() {
            parts.push("icmp all".to_owned());
        } else if !self.icmp.is_empty() {
            let types: Vec<String> = self.icmp.ranges().iter().map(icmp_text).collect();
            parts.push(format!("icmp {}", types.join(", ")));
        }
        let numbers: Vec<String> = self.others.numbers().map(|n| n.to_string()).collect();
        if numbers.len() >= 253 {
            parts.push("all other protocols".to_owned());
        } else if !numbers.is_empty() {
            parts.push(format!("protocols {}", numbers.join(", ")));
        }
        f.write_str(&parts.join("; "))
    }
}

/// `type 8`, `type 3 code 4`, `types 0-7`.
fn icmp_text(range: &(u16, u16)) -> String {
    let (from, to) = *range;
    let whole = from & 0xff == 0 && to & 0xff == 0xff;
    match (whole, from >> 8 == to >> 8) {
        (true, true) => format!("type {}", from >> 8),
        (true, false) => format!("types {}-{}", from >> 8, to >> 8),
        (false, _) if from == to => format!("type {} code {}", from >> 8, from & 0xff),
        (false, _) => {
            format!("type {} code {} to type {} code {}", from >> 8, from & 0xff, to >> 8, to & 0xff)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_sets_join_what_is_adjacent_and_have_complements() {
        let a = PortSet::range(1, 5).or(&PortSet::range(6, 9)).or(&PortSet::range(20, 30));
        assert_eq!(a.ranges(), [(1, 9), (20, 30)]);
        assert_eq!(a.complement().ranges(), [(0, 0), (10, 19), (31, u16::MAX)]);
        assert_eq!(a.complement().complement(), a);
        assert!(PortSet::all().complement().is_empty());
        assert_eq!(a.and(&PortSet::range(8, 22)).ranges(), [(8, 9), (20, 22)]);
        assert_eq!(a.minus(&PortSet::range(3, 25)).ranges(), [(1, 2), (26, 30)]);
        assert!(a.contains(9) && !a.contains(10) && a.contains(20));
    }

    #[test]
    fn icmp_rules_are_of_their_own_family() {
        let echo = Traffic::of_rule(Family::V4, Protocol::Number(1), None, Some((8, -1)));
        assert_eq!(echo.icmp.ranges(), [(8 << 8, (8 << 8) + 255)]);
        let wrong = Traffic::of_rule(Family::V6, Protocol::Number(1), None, Some((8, -1)));
        assert!(wrong.icmp.is_empty() && wrong.others.contains(1));
        assert_eq!(echo.to_string(), "icmp type 8");
    }

    #[test]
    fn everything_is_everything() {
        for family in Family::BOTH {
            let all = Traffic::all(family);
            assert_eq!(all.to_string(), "everything");
            assert!(!all.others.contains(family.icmp()) && all.others.contains(47));
            assert!(all.minus(&all).is_empty());
        }
    }
}
