use super::net::*;
use super::*;
use groma_prove::change::compare;
use groma_prove::engine::Crossing;
use groma_prove::model::*;
use groma_prove::witness::{BlockerKind, HopKind, example_public};

/// A client behind NAT and the internet.
fn outward() -> (Net, NodeId, NodeId, AclId) {
    let mut n = Net::default();
    let internet = n.internet();
    let v = n.vpc("v", &["10.0.0.0/16"]);
    let inside = n.table(v.0);
    let acl = n.acl(v.0);
    let public = n.subnet(v, &["10.0.1.0/24"], "eu-west-1a");
    let private = n.subnet((v.0, inside, acl), &["10.0.2.0/24"], "eu-west-1a");
    n.entry(acl, false, 10, true, None, "0.0.0.0/0");
    n.entry(acl, true, 10, true, Some((1024, 65535)), "0.0.0.0/0");
    let igw = n.gateway(Some(v.0), GatewayKind::Internet);
    n.route(v.1, "0.0.0.0/0", Target::Gateway(igw));
    let nat = n.nat(v.0, public, true);
    n.route(inside, "0.0.0.0/0", Target::Gateway(nat));
    let g = n.group(v.0, vec![], vec![tcp(443, "0.0.0.0/0")]);
    let a = n.host("a", private, &[g]);
    (n, a, internet, acl)
}

fn example(n: &Net, from: NodeId, to: NodeId, ways: Ways, bound: Bound) -> groma_prove::witness::Witness {
    let ask = Ask { from, to, family: V4, question: Completes, bound, ways, within: None };
    Engine::new(&n.n).witness(&ask).expect("an example")
}

#[test]
fn an_example_shows_each_hop_and_the_way_back() {
    let (n, a, internet, _) = outward();
    let witness = example(&n, a, internet, Ways::NETWORK, Must);
    assert_eq!((witness.connections.len(), witness.bound), (1, Must));
    let c = &witness.connections[0];
    assert_eq!((c.packet.protocol, c.packet.port), (6, 443));
    let kinds = |hops: &[groma_prove::witness::Hop]| hops.iter().map(|h| h.kind).collect::<Vec<_>>();
    use HopKind::*;
    let there = [Source, GroupOut, Route, AclOut, AclIn, Nat, Route, AclOut, Gateway, Destination];
    assert_eq!(kinds(&c.forward), there);
    let back = [Source, Gateway, AclIn, Nat, Route, AclOut, AclIn, Destination];
    assert_eq!(kinds(&c.back), back);
    let rule = &c.forward[1];
    assert_eq!(&*rule.what, "outbound rule allows tcp 443 to 0.0.0.0/0");
    assert_eq!(&*n.n.items[rule.item.index()].name, "group");
    assert_eq!(c.forward[3].what.as_ref(), "outbound entry 10 allows tcp 443 to 0.0.0.0/0");
    let nat = &c.forward[5].packet;
    assert!(nat.source.to_string().starts_with("10.0.1."), "the address is the NAT gateway's");
    let last = c.back.last().expect("hops").packet;
    assert_eq!((last.destination, last.source_port), (c.packet.source, 443));
    // On the internet's side of the gateway it has the NAT gateway's public one.
    let nat_gateway =
        n.n.interfaces.iter().position(|i| i.kind == InterfaceKind::Nat).expect("a NAT gateway");
    let public = example_public(InterfaceId(nat_gateway as u32));
    let gateway = |hops: &[groma_prove::witness::Hop]| {
        hops.iter().find(|h| h.kind == Gateway).expect("a gateway").packet
    };
    assert_eq!(gateway(&c.forward).source, public);
    assert_eq!(c.forward.last().expect("hops").packet.source, public);
    assert_eq!((c.back[0].packet.destination, gateway(&c.back).destination), (public, nat.source));
}

/// "Internet gateways": an instance is called by its public address, and knows its private one only.
#[test]
fn public_addresses_end_at_the_internet_gateway() {
    let mut n = Net::default();
    let internet = n.internet();
    let v = n.vpc("v", &["10.0.0.0/16"]);
    let subnet = n.subnet(v, &["10.0.1.0/24"], "eu-west-1a");
    let igw = n.gateway(Some(v.0), GatewayKind::Internet);
    n.route(v.1, "0.0.0.0/0", Target::Gateway(igw));
    let group = n.group(v.0, vec![tcp(443, "0.0.0.0/0")], vec![]);
    let web = n.host("web", subnet, &[group]);
    n.of(web).public = Tri::Yes;
    let of_web = n.n.interfaces.iter().position(|i| i.node == web).expect("an interface");
    let public = example_public(InterfaceId(of_web as u32));
    let witness = example(&n, internet, web, Ways::NETWORK, Must);
    let c = &witness.connections[0];
    assert_eq!((c.packet.destination, c.forward[0].packet.destination), (public, public));
    let arrived = c.forward.last().expect("hops").packet.destination;
    assert!(arrived.to_string().starts_with("10.0.1."), "{arrived}");
    let answer = c.back.iter().find(|h| h.kind == HopKind::Gateway).expect("a gateway").packet;
    assert_eq!((c.back[0].packet.source, answer.source), (arrived, public));
    let blocked = Engine::new(&n.n).blocked(internet, web, V4, 6, 22).expect("a packet");
    assert_eq!(blocked.packet.destination, public);
}

#[test]
fn all_that_blocks_is_named() {
    let (mut n, a, internet, acl) = outward();
    n.of(a).groups = Some(vec![]);
    n.n.acls[acl.index()].ingress.clear();
    n.n.acls[acl.index()].egress.clear();
    n.entry(acl, false, 7, false, Some((1, 1000)), "0.0.0.0/0");
    let blocked = Engine::new(&n.n).blocked(a, internet, V4, 6, 443).expect("a packet");
    let found: Vec<_> = blocked.blockers.iter().map(|b| (b.kind, b.back, &*b.what)).collect();
    use BlockerKind::*;
    let expected = [
        (GroupOut, false, "it has no security group, and so no rule allows tcp 443 to 0.0.0.0 (outbound)"),
        (Acl, false, "outbound entry 7 denies tcp 443 to 0.0.0.0/0"),
        (Acl, true, "no inbound entry allows tcp 40000 from 0.0.0.0"),
    ];
    let address = blocked.packet.destination.to_string();
    let expected = expected.map(|(k, b, what)| (k, b, what.replace("0.0.0.0 ", &format!("{address} "))));
    let expected = expected.map(|(k, b, what)| match what.strip_suffix("from 0.0.0.0") {
        Some(start) => (k, b, format!("{start}from {address}")),
        None => (k, b, what),
    });
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (a, b) in found.iter().zip(&expected) {
        assert_eq!((a.0, a.1), (b.0, b.1));
        let port = b.2.replace("tcp 40000", "");
        assert!(
            a.2 == b.2 || b.1 && a.2.starts_with("no inbound entry allows tcp ") && !port.is_empty(),
            "{a:?}"
        );
    }
}

#[test]
fn a_packet_without_a_route_says_what_else_is_missing() {
    let mut n = Net::default();
    let v = n.vpc("v", &["10.0.0.0/16"]);
    let w = n.vpc("w", &["10.1.0.0/16"]);
    let s = n.subnet(v, &["10.0.1.0/24"], "eu-west-1a");
    let closed = n.acl(w.0);
    let t = n.subnet((w.0, w.1, closed), &["10.1.1.0/24"], "eu-west-1a");
    let (g, h) = (n.open_group(v.0), n.group(w.0, vec![], vec![]));
    let (a, b) = (n.host("a", s, &[g]), n.host("b", t, &[h]));
    let blocked = Engine::new(&n.n).blocked(a, b, V4, 6, 5432).expect("a packet");
    let kinds: Vec<_> = blocked.blockers.iter().map(|b| (b.kind, b.back)).collect();
    use BlockerKind::*;
    assert_eq!(kinds, [(NoRoute, false), (GroupIn, false), (Acl, false), (NoRoute, true)], "{blocked:#?}");
}

#[test]
fn what_an_example_relies_on_is_named() {
    let (mut n, a, internet, _) = outward();
    let doubt = n.doubt("its range is known after apply only");
    n.n.groups[0].egress[0].presence = Presence::Maybe(doubt);
    let witness = example(&n, a, internet, Ways::NETWORK, May);
    assert_eq!(witness.bound, May);
    assert_eq!(witness.doubts.len(), 1);
    assert_eq!(witness.doubts[0].doubt, Some(doubt));
    assert_eq!(&*witness.doubts[0].why, "its range is known after apply only");
}

#[test]
fn egress_that_must_cross_nat_does_until_another_way_is_there() {
    let (mut n, a, _, _) = outward();
    let Crossing::Always(items) = Engine::new(&n.n).must_cross(a, true, false) else { panic!("crosses") };
    assert_eq!(&*n.n.items[items[0].index()].name, "nat");
    assert!(matches!(Engine::new(&n.n).must_cross(a, false, true), Crossing::Avoided(_)), "no firewall");
    n.route(TableId(1), "203.0.113.0/24", Target::Gateway(GatewayId(0)));
    assert!(matches!(Engine::new(&n.n).must_cross(a, true, false), Crossing::Always(_)), "no address");
    n.of(a).public = Tri::Yes;
    let Crossing::Avoided(witness) = Engine::new(&n.n).must_cross(a, true, false) else { panic!("avoids") };
    assert!(witness.connections[0].packet.destination.to_string().starts_with("203.0.113."));
    n.of(a).groups = Some(vec![]);
    assert_eq!(Engine::new(&n.n).must_cross(a, true, false), Crossing::NoEgress);
}

#[test]
fn examples_over_relays_and_over_the_internet_are_several_connections() {
    let (mut n, a, internet, _) = outward();
    let v = VpcId(0);
    let open = n.group(v, vec![tcp(443, "0.0.0.0/0")], vec![all("0.0.0.0/0")]);
    let lb = n.node("lb", NodeKind::Resource("aws_lb".into()));
    let interface = n.interface(lb, InterfaceKind::LoadBalancer, SubnetId(0), Some(&[open]));
    n.n.interfaces[interface.index()].public = Tri::Yes;
    let target = n.group(v, vec![tcp_from(80, open)], vec![]);
    let web = n.host("web", SubnetId(0), &[target]);
    n.relay(lb, 443, web, 80);
    let witness = example(&n, internet, web, Ways::ALL, Must);
    let pairs: Vec<_> = witness.connections.iter().map(|c| (c.from, c.to, c.packet.port)).collect();
    assert_eq!(pairs, [(internet, lb, 443), (lb, web, 80)]);
    assert_eq!(witness.connections[1].forward[0].kind, HopKind::Relay);
    let elsewhere = n.vpc("w", &["10.1.0.0/16"]);
    let t = n.subnet(elsewhere, &["10.1.1.0/24"], "eu-west-1a");
    let far = n.open_group(elsewhere.0);
    let b = n.host("b", t, &[far]);
    n.of(b).public = Tri::Yes;
    let igw = n.gateway(Some(elsewhere.0), GatewayKind::Internet);
    n.route(elsewhere.1, "0.0.0.0/0", Target::Gateway(igw));
    let witness = example(&n, a, b, Ways::ALL, Must);
    let pairs: Vec<_> = witness.connections.iter().map(|c| (c.from, c.to, c.packet.port)).collect();
    assert_eq!(pairs, [(a, internet, 443), (internet, b, 443)]);
}

#[test]
fn a_tunnel_adds_one_edge() {
    let (mut n, a, _, _) = outward();
    let db = n.group(VpcId(0), vec![], vec![]);
    let b = n.host("db", SubnetId(0), &[db]);
    let before = n.n.clone();
    n.n.groups[0].egress.push(Rule {
        protocol: Protocol::Number(6),
        ports: Some(Ports { from: 5432, to: 5432 }),
        icmp: None,
        peer: Peer::Group(db),
        presence: Presence::Sure,
        item: ItemId(0),
    });
    let mut rule = n.n.groups[0].egress[1].clone();
    rule.peer = Peer::Group(GroupId(0));
    n.n.groups[db.index()].ingress.push(rule);
    // The private subnet's ACL lets it out; answers come from any port.
    let difference = compare(&Engine::new(&before), &Engine::new(&n.n), Completes, Must, Ways::NETWORK);
    assert!(difference.removed.is_empty());
    let added: Vec<_> =
        difference.added.iter().map(|e| format!("{} {} {}", e.from, e.to, e.traffic)).collect();
    assert_eq!(added, ["a db tcp 5432"]);
    assert_eq!(completes(&n.n, a, b), "tcp 5432");
}
