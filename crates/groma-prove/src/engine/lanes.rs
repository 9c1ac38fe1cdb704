//! Interned sets of traffic, one for each question and bound, and their algebra.
//!
//! A [`Lanes`] is six sets at once: delivered and completes under `May`, `Must` and
//! `Everywhere`. Sets and lanes are numbered when first seen and operations remember
//! their results, so what is computed for one pair costs a lookup for the next.

use crate::ports::{Family, Traffic};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

/// A hasher for keys of small numbers: multiply and fold. Keys are our own indices, not
/// input that somebody could choose to collide.
#[derive(Clone, Copy, Default)]
pub struct Quick(u64);

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }
    fn write_u8(&mut self, n: u8) {
        self.write_u64(u64::from(n));
    }
    fn write_u16(&mut self, n: u16) {
        self.write_u64(u64::from(n));
    }
    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }
    fn write_u64(&mut self, n: u64) {
        // Both halves of the product: low bits alone would know nothing of high ones.
        let product = u128::from(self.0 ^ n ^ 0x243f_6a88_85a3_08d3) * 0x9e37_79b9_7f4a_7c15_u128;
        self.0 = (product as u64) ^ ((product >> 64) as u64);
    }
    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
}

/// A map with [`Quick`].
pub type Fast<K, V> = HashMap<K, V, BuildHasherDefault<Quick>>;

/// Six interned sets. The order of lanes is that of [`crate::reach::Answers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lanes(pub u32);

/// Nothing.
pub const NONE: Lanes = Lanes(0);
/// Everything.
pub const ALL: Lanes = Lanes(1);
/// Everything under `May`, nothing else.
pub const MAY: Lanes = Lanes(2);
/// Everything is delivered, and nothing completes that needs an answer.
pub const ONE_WAY: Lanes = Lanes(3);
/// Everything, and what needs an answer completes perhaps.
pub const PERHAPS_BACK: Lanes = Lanes(4);

/// How lanes are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// In both.
    And,
    /// In either: another way of the same node.
    Or,
    /// One of them is real and nobody knows which: any for `May`, both for the others.
    Either,
    /// Of several hosts that all exist: any for `May` and `Must`, all for `Everywhere`.
    Some,
}

/// All sets and lanes of one family.
pub struct Pool {
    family: Family,
    sets: Vec<Arc<Traffic>>,
    set_ids: HashMap<Arc<Traffic>, u32>,
    set_ops: [Fast<u64, u32>; 2],
    lanes: Vec<[u32; 6]>,
    lane_ids: Fast<[u32; 6], u32>,
    ops: [Fast<u64, Lanes>; 4],
}

impl Pool {
    pub fn new(family: Family) -> Self {
        let mut pool = Self {
            family,
            sets: Vec::new(),
            set_ids: HashMap::new(),
            set_ops: Default::default(),
            lanes: Vec::new(),
            lane_ids: Fast::default(),
            ops: Default::default(),
        };
        let (none, all) = (pool.set(Traffic::none()), pool.set(Traffic::all(family)));
        let alone = pool.set(super::filters::unanswered(family));
        for lanes in [
            [none; 6],
            [all; 6],
            [all, none, none, all, none, none],
            [all, all, all, alone, alone, alone],
            [all, all, all, all, alone, alone],
        ] {
            pool.of_sets(lanes);
        }
        pool
    }

    /// Interns a set.
    pub fn set(&mut self, traffic: Traffic) -> u32 {
        if let Some(id) = self.set_ids.get(&traffic) {
            return *id;
        }
        let (id, traffic) = (self.sets.len() as u32, Arc::new(traffic));
        self.sets.push(traffic.clone());
        self.set_ids.insert(traffic, id);
        id
    }

    fn of_sets(&mut self, sets: [u32; 6]) -> Lanes {
        let next = self.lanes.len() as u32;
        let id = *self.lane_ids.entry(sets).or_insert(next);
        if id == next {
            self.lanes.push(sets);
        }
        Lanes(id)
    }

    /// The same traffic for both questions: `may` where things are doubtful, `must` where
    /// they are certain.
    pub fn both(&mut self, may: Traffic, must: Traffic) -> Lanes {
        let (may, must) = (self.set(may), self.set(must));
        self.of_sets([may, must, must, may, must, must])
    }

    /// What answers need: everything is delivered, and so much completes.
    pub fn answers(&mut self, may: Traffic, must: Traffic) -> Lanes {
        let (all, may, must) = (self.set(Traffic::all(self.family)), self.set(may), self.set(must));
        self.of_sets([all, all, all, may, must, must])
    }

    /// Certain traffic, or only possible.
    pub fn rule(&mut self, traffic: Traffic, sure: bool) -> Lanes {
        let must = if sure { traffic.clone() } else { Traffic::none() };
        self.both(traffic, must)
    }

    /// The six sets.
    pub fn traffic(&self, lanes: Lanes) -> [Arc<Traffic>; 6] {
        self.lanes[lanes.0 as usize].map(|set| self.sets[set as usize].clone())
    }

    /// One of the six.
    pub fn lane(&self, lanes: Lanes, lane: usize) -> &Traffic {
        &self.sets[self.lanes[lanes.0 as usize][lane] as usize]
    }

    /// Which lanes are not empty: bit n for lane n.
    pub fn filled(&self, lanes: Lanes) -> u8 {
        let sets = self.lanes[lanes.0 as usize];
        (0..6).filter(|n| sets[*n] != 0).fold(0, |bits, n| bits | 1 << n)
    }

    /// Lanes without those whose bit is not set.
    pub fn keep(&mut self, lanes: Lanes, bits: u8) -> Lanes {
        let mut sets = self.lanes[lanes.0 as usize];
        for (n, set) in sets.iter_mut().enumerate() {
            if bits >> n & 1 == 0 {
                *set = 0;
            }
        }
        self.of_sets(sets)
    }

    /// `Must` as strict as `Everywhere`.
    pub fn strict(&mut self, lanes: Lanes) -> Lanes {
        let s = self.lanes[lanes.0 as usize];
        self.of_sets([s[0], s[2], s[2], s[3], s[5], s[5]])
    }

    fn set_op(&mut self, or: bool, a: u32, b: u32) -> u32 {
        // 0 is nothing and 1 is everything.
        match (or, a.min(b), a.max(b)) {
            (_, a, b) if a == b => return a,
            (false, 0, _) => return 0,
            (false, 1, b) => return b,
            (true, 0, b) => return b,
            (true, 1, _) => return 1,
            _ => {}
        }
        let key = u64::from(a.min(b)) << 32 | u64::from(a.max(b));
        if let Some(found) = self.set_ops[usize::from(or)].get(&key) {
            return *found;
        }
        let (x, y) = (&self.sets[a as usize], &self.sets[b as usize]);
        let result = if or { x.or(y) } else { x.and(y) };
        let result = self.set(result);
        self.set_ops[usize::from(or)].insert(key, result);
        result
    }

    /// Combines two.
    pub fn op(&mut self, op: Op, a: Lanes, b: Lanes) -> Lanes {
        if a == b {
            return a;
        }
        let (a, b) = (a.min(b), a.max(b));
        match (op, a, b) {
            (Op::And, NONE, _) => return NONE,
            (Op::And, ALL, b) | (Op::Or, NONE, b) => return b,
            (Op::Or, ALL, _) => return ALL,
            _ => {}
        }
        let key = u64::from(a.0) << 32 | u64::from(b.0);
        if let Some(found) = self.ops[op as usize].get(&key) {
            return *found;
        }
        let (x, y) = (self.lanes[a.0 as usize], self.lanes[b.0 as usize]);
        let sets = std::array::from_fn(|n| {
            let or = match op {
                Op::And => false,
                Op::Or => true,
                Op::Either => n % 3 == 0,
                Op::Some => n % 3 < 2,
            };
            self.set_op(or, x[n], y[n])
        });
        let result = self.of_sets(sets);
        self.ops[op as usize].insert(key, result);
        result
    }

    /// In both.
    pub fn and(&mut self, a: Lanes, b: Lanes) -> Lanes {
        self.op(Op::And, a, b)
    }
    /// In either.
    pub fn or(&mut self, a: Lanes, b: Lanes) -> Lanes {
        self.op(Op::Or, a, b)
    }
}
