//! Functions of an address that are constant between few points.

use super::lanes::{ALL, Lanes, Op, Pool};
use crate::ports::Family;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Addresses from, to; both included.
pub type Span = (u128, u128);

/// The last address of a family.
pub fn last(family: Family) -> u128 {
    match family {
        Family::V4 => u128::from(u32::MAX),
        Family::V6 => u128::MAX,
    }
}

/// The addresses of a range, if it is of this family.
pub fn span(family: Family, net: &IpNet) -> Option<Span> {
    match (family, net) {
        (Family::V4, IpNet::V4(n)) => {
            Some((u128::from(u32::from(n.network())), u128::from(u32::from(n.broadcast()))))
        }
        (Family::V6, IpNet::V6(n)) => Some((u128::from(n.network()), u128::from(n.broadcast()))),
        _ => None,
    }
}

/// The address of a number.
pub fn address(family: Family, number: u128) -> IpAddr {
    match family {
        Family::V4 => IpAddr::V4(Ipv4Addr::from(number as u32)),
        Family::V6 => IpAddr::V6(Ipv6Addr::from(number)),
    }
}

/// Sorted, disjoint, joined where adjacent.
pub fn tidy(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut out: Vec<Span> = Vec::with_capacity(spans.len());
    for (from, to) in spans {
        match out.last_mut() {
            Some(end) if end.1 == u128::MAX || from <= end.1 + 1 => end.1 = end.1.max(to),
            _ => out.push((from, to)),
        }
    }
    out
}

/// Calls `each` for the pieces of all addresses in order, with what covers them,
/// outermost first. Ranges are prefixes: one contains the other or they are disjoint.
pub fn pieces<T: Copy>(family: Family, mut ranges: Vec<(Span, T)>, mut each: impl FnMut(Span, &[T])) {
    ranges.sort_by_key(|(span, _)| (span.0, u128::MAX - span.1));
    let mut ends: Vec<u128> = Vec::new();
    let mut over: Vec<T> = Vec::new();
    // The first address not spoken of yet; `None` behind the last.
    let mut next = Some(0u128);
    let mut upto = |end: u128, next: &mut Option<u128>, over: &[T]| {
        if let Some(from) = *next
            && from <= end
        {
            each((from, end), over);
            *next = end.checked_add(1);
        }
    };
    for (span, value) in ranges {
        while ends.last().is_some_and(|end| *end < span.0) {
            let end = ends.pop().unwrap_or_default();
            upto(end, &mut next, &over);
            over.pop();
        }
        if span.0 > 0 {
            upto(span.0 - 1, &mut next, &over);
        }
        ends.push(span.1);
        over.push(value);
    }
    while let Some(end) = ends.pop() {
        upto(end, &mut next, &over);
        over.pop();
    }
    upto(last(family), &mut next, &over);
}

/// What a filter lets through for each address of the other end. Starts, from 0, sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map(Vec<(u128, Lanes)>);

impl Map {
    /// The same for all.
    pub fn constant(lanes: Lanes) -> Self {
        Self(vec![(0, lanes)])
    }

    /// From pieces in order.
    pub fn push(&mut self, from: u128, lanes: Lanes) {
        if self.0.last().is_none_or(|end| end.1 != lanes) {
            self.0.push((from, lanes));
        }
    }

    /// With nothing in it yet; [`Map::push`] fills it from 0.
    pub fn empty() -> Self {
        Self(Vec::new())
    }

    /// The pieces within a span, with their spans.
    pub fn pieces(&self, span: Span) -> Vec<(Span, Lanes)> {
        let pieces = self.within(span);
        let end = |n: usize| pieces.get(n + 1).map_or(span.1, |next| next.0 - 1);
        pieces.iter().enumerate().map(|(n, p)| ((p.0.max(span.0), end(n)), p.1)).collect()
    }

    fn index(&self, address: u128) -> usize {
        self.0.partition_point(|e| e.0 <= address) - 1
    }

    /// The pieces within a span.
    fn within(&self, span: Span) -> &[(u128, Lanes)] {
        let (from, to) = (self.index(span.0), self.index(span.1));
        &self.0[from..=to]
    }

    /// Two at once.
    pub fn zip(&self, other: &Self, mut with: impl FnMut(Lanes, Lanes) -> Lanes) -> Self {
        let (mut i, mut j, mut out) = (0, 0, Self::empty());
        while i < self.0.len() || j < other.0.len() {
            let next = |map: &Self, n: usize| map.0.get(n).map(|e| e.0);
            let at = [next(self, i), next(other, j)].into_iter().flatten().min().unwrap_or_default();
            i += usize::from(next(self, i) == Some(at));
            j += usize::from(next(other, j) == Some(at));
            out.push(at, with(self.0[i - 1].1, other.0[j - 1].1));
        }
        out
    }
}

/// The product of several maps on one span: pieces with their starts, the first at the
/// span's start.
pub fn product(pool: &mut Pool, maps: &[&Map], span: Span) -> Vec<(u128, Lanes)> {
    let mut out = vec![(span.0, ALL)];
    for map in maps {
        let pieces = map.within(span);
        if let [(_, lanes)] = pieces {
            for piece in &mut out {
                piece.1 = pool.and(piece.1, *lanes);
            }
            continue;
        }
        let mut next = Vec::with_capacity(out.len() + pieces.len());
        let (mut i, mut j) = (0, 0);
        while i < out.len() || j < pieces.len() {
            let a = out.get(i).map(|e| e.0);
            let b = pieces.get(j).map(|e| e.0.max(span.0));
            let at = [a, b].into_iter().flatten().min().unwrap_or_default();
            i += usize::from(a == Some(at));
            j += usize::from(b == Some(at));
            next.push((at, pool.and(out[i - 1].1, pieces[j - 1].1)));
        }
        out = next;
    }
    out.dedup_by(|b, a| a.1 == b.1);
    out
}

/// Folds a map over spans.
pub fn fold(pool: &mut Pool, map: &Map, spans: &[Span], op: Op) -> Lanes {
    let mut result = None;
    for span in spans {
        for (_, lanes) in map.within(*span) {
            result = Some(match result {
                None => *lanes,
                Some(r) => pool.op(op, r, *lanes),
            });
        }
    }
    result.unwrap_or(super::lanes::NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_nested_ranges() {
        let mut seen = Vec::new();
        let end = u128::from(u32::MAX);
        let ranges = vec![((10, 19), 'b'), ((0, 99), 'a'), ((15, 15), 'c'), ((200, end), 'd')];
        pieces(Family::V4, ranges, |span, over| seen.push((span, over.iter().collect::<String>())));
        let expected = [
            ((0, 9), "a"),
            ((10, 14), "ab"),
            ((15, 15), "abc"),
            ((16, 19), "ab"),
            ((20, 99), "a"),
            ((100, 199), ""),
            ((200, end), "d"),
        ];
        assert_eq!(seen, expected.map(|(s, t)| (s, t.to_owned())));
        let mut all = Vec::new();
        pieces(Family::V6, vec![((0, u128::MAX), 1)], |span, over| all.push((span, over.to_vec())));
        assert_eq!(all, [((0, u128::MAX), vec![1])]);
    }
}
