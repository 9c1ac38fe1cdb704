//! What all egress passes.

use super::{CLIENT, Want, find, lane};
use crate::engine::map::address;
use crate::engine::walk::Step;
use crate::engine::{Crossing, Engine};
use crate::model::{InterfaceId, InterfaceKind, ItemId, NodeId};
use crate::ports::Family;
use crate::reach::{Bound, Question};
use crate::witness::{Connection, Hop, HopKind, Packet, Uncertain, Witness};

impl Engine<'_> {
    /// Whether all that may leave a node to the internet passes a NAT gateway or a
    /// firewall: `nat` and `inspection` say which of them count.
    pub fn must_cross(&self, node: NodeId, nat: bool, inspection: bool) -> Crossing {
        let Some(internet) = self.internet else { return Crossing::NoEgress };
        let mut crossed: Vec<ItemId> = Vec::new();
        let mut leaves = false;
        for family in Family::BOTH {
            let core = &mut *self.cores[family.index()].borrow_mut();
            for a in &self.ends(core, node) {
                for b in &self.ends(core, internet) {
                    let cells = core.cells_of(a.party, b.party);
                    for (piece, parts) in cells.iter() {
                        for (part, combinations) in parts {
                            for c in combinations {
                                let lanes = core.value_of(c, a.party, b.party, *piece, *part);
                                let traffic =
                                    core.pool.lane(lanes, lane(Question::Delivered, Bound::May)).clone();
                                let Some((protocol, port)) = traffic.example(family) else { continue };
                                leaves = true;
                                let counts = |s: &Step| match s {
                                    Step::Translate(i, true) if nat => Some(*i),
                                    Step::Pass(i) if inspection => Some(*i).filter(|i| {
                                        self.network.interfaces[i.index()].kind == InterfaceKind::Inspection
                                    }),
                                    _ => None,
                                };
                                let passed: Vec<InterfaceId> =
                                    c.opening.steps.iter().filter_map(counts).collect();
                                for i in &passed {
                                    let item = self.network.interfaces[i.index()].item;
                                    if !crossed.contains(&item) {
                                        crossed.push(item);
                                    }
                                }
                                if passed.is_empty() {
                                    let want = Want { protocol, port, question: Question::Delivered };
                                    let found = find(core, c, a, b, (*piece, *part), want, Bound::May);
                                    let Some(found) = found else { continue };
                                    let (connection, doubts) = self.shown(core, &found, a, b, want);
                                    let bound = if doubts.is_empty() { Bound::Must } else { Bound::May };
                                    return Crossing::Avoided(Box::new(Witness {
                                        question: Question::Delivered,
                                        bound,
                                        connections: vec![connection],
                                        doubts,
                                    }));
                                }
                            }
                        }
                    }
                    let opened = core.unsupported_of(a.party, b.party);
                    let traffic = core.pool.lane(opened, lane(Question::Delivered, Bound::May)).clone();
                    if let Some((protocol, port)) = traffic.example(family) {
                        let want = Want { protocol, port, question: Question::Delivered };
                        drop(cells);
                        return self.unsupported_crossing(family, a.node, b.node, want);
                    }
                }
            }
        }
        if leaves { Crossing::Always(crossed) } else { Crossing::NoEgress }
    }

    fn unsupported_crossing(&self, family: Family, from: NodeId, to: NodeId, want: Want) -> Crossing {
        let doubts = self.open();
        let packet = Packet {
            family,
            protocol: want.protocol,
            source: address(family, 0),
            destination: address(family, 0),
            source_port: CLIENT,
            port: want.port,
        };
        let hop = |open: &Uncertain| Hop {
            kind: HopKind::Unknown,
            item: open.item,
            what: "may carry it".into(),
            packet,
            doubt: Some(open.clone()),
        };
        let forward = doubts.iter().map(hop).collect();
        let connection = Connection { from, to, packet, forward, back: Vec::new() };
        Crossing::Avoided(Box::new(Witness {
            question: want.question,
            bound: Bound::May,
            connections: vec![connection],
            doubts,
        }))
    }
}
