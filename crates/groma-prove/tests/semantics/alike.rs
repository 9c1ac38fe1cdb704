//! All pairs at once, where what is alike is computed once, and each pair by itself.

#[allow(dead_code, reason = "the benchmark's main function")]
#[path = "../../examples/prove_scale.rs"]
mod prove_scale;

use groma_prove::engine::Engine;
use groma_prove::model::*;
use groma_prove::reach::Ways;

fn compare(engine: &Engine<'_>) {
    let all = engine.reach_all(Ways::ALL);
    let count = engine.network().nodes.len() as u32;
    let (mut some, mut none) = (0, 0);
    for from in (0..count).map(NodeId) {
        for to in (0..count).map(NodeId).filter(|to| *to != from) {
            let one = engine.reach(from, to, Ways::ALL);
            match all.get(from, to) {
                Some(reach) => assert_eq!(*reach, one, "{from:?} -> {to:?}"),
                None => assert!(one.is_empty(), "{from:?} -> {to:?}"),
            }
            if one.is_empty() { none += 1 } else { some += 1 }
        }
    }
    assert!(some > 100 && none > 100, "{some} {none}");
}

#[test]
fn pairs_are_the_same_all_at_once_and_one_by_one() {
    let network = prove_scale::network(90, 30, 6, 12);
    compare(&Engine::new(&network));
    compare(&Engine::without_zone(&network, "eu-west-1b"));
}

/// A zone in which an attachment's subnet has another ACL, one that is excluded from block
/// public access, and one of unknown zone are like no other.
#[test]
fn what_differs_in_one_place_is_not_alike() {
    let mut network = prove_scale::network(90, 30, 6, 12);
    let doors: Vec<SubnetId> = network
        .attachments
        .iter()
        .filter_map(|a| if let Attached::Vpc { subnets, .. } = &a.what { subnets.get(1) } else { None })
        .copied()
        .collect();
    network.subnets[doors[1].index()].acl = AclId(5);
    let item = network.items.len() as u32 - 1;
    for vpc in [0, 2] {
        network.vpcs[vpc].blocked = Some((BlockMode::Bidirectional, ItemId(item)));
    }
    let subnet = network.interfaces.iter().find(|i| i.public == Tri::Yes).map(|i| i.subnet);
    let vpc = network.subnets[subnet.unwrap().index()].vpc;
    network.openings.push(Opening {
        item: ItemId(item),
        vpc,
        subnet,
        egress_only: false,
        presence: Presence::Sure,
    });
    let inside = network.interfaces[7].subnet;
    network.subnets[inside.index()].zone = None;
    compare(&Engine::new(&network));
}
