use super::net::*;
use super::*;
use groma_prove::model::*;

/// Two VPCs with a subnet and an open host each.
fn two() -> (Net, [Of; 2], [NodeId; 2]) {
    let mut n = Net::default();
    let v = n.vpc("v", &["10.0.0.0/16", "2001:db8::/56"]);
    let w = n.vpc("w", &["10.1.0.0/16", "2001:db8:1::/56"]);
    let s = n.subnet(v, &["10.0.1.0/24", "2001:db8:0:1::/64"], "eu-west-1a");
    let t = n.subnet(w, &["10.1.1.0/24", "2001:db8:1:1::/64"], "eu-west-1a");
    let (g, h) = (n.open_group(v.0), n.open_group(w.0));
    let (a, b) = (n.host("a", s, &[g]), n.host("b", t, &[h]));
    (n, [v, w], [a, b])
}

fn peered() -> (Net, [Of; 2], [NodeId; 2], PeeringId) {
    let (mut n, [v, w], hosts) = two();
    let p = n.peering(v.0, w.0);
    n.route(v.1, "10.1.0.0/16", Target::Peering(p));
    n.route(w.1, "10.0.0.0/16", Target::Peering(p));
    (n, [v, w], hosts, p)
}

#[test]
fn vpcs_are_apart() {
    let (n, _, [a, b]) = two();
    assert_eq!(delivers(&n.n, a, b), "nothing");
    assert_eq!(agreed(&n.n, a, b, V6, Delivered), "nothing");
}

#[test]
fn peering_needs_routes_on_both_sides() {
    let (mut n, [_, w], [a, b], _) = peered();
    assert_eq!(completes(&n.n, a, b), "everything");
    assert_eq!(completes6(&n.n, a, b), "nothing", "routes are per family");
    n.n.tables[w.1.index()].routes.pop();
    assert_eq!(delivers(&n.n, a, b), "everything");
    assert_eq!(completes(&n.n, a, b), NO_ANSWERS);
}

#[test]
fn peering_must_be_accepted() {
    let (mut n, _, [a, b], p) = peered();
    n.n.peerings[p.index()].active = Tri::No;
    assert_eq!(delivers(&n.n, a, b), "nothing");
    let doubt = n.doubt("accepter is another account");
    n.n.peerings[p.index()].active = Tri::Maybe(doubt);
    assert_eq!(ask(&n.n, a, b, V4, Completes, May), "everything");
    assert_eq!(ask(&n.n, a, b, V4, Completes, Must), "nothing");
}

#[test]
fn references_cross_peerings_of_one_region_only() {
    let (mut n, [_, w], [a, b], p) = peered();
    let only = n.group(w.0, vec![tcp_from(80, GroupId(0))], vec![]);
    n.of(b).groups = Some(vec![(only, Presence::Sure)]);
    assert_eq!(completes(&n.n, a, b), "tcp 80");
    n.n.peerings[p.index()].same_region = Tri::No;
    assert_eq!(completes(&n.n, a, b), "nothing");
}

#[test]
fn peering_is_not_transitive() {
    let (mut n, [_, w], [a, _], p) = peered();
    let x = n.vpc("x", &["10.2.0.0/16"]);
    let s = n.subnet(x, &["10.2.1.0/24"], "eu-west-1a");
    let g = n.open_group(x.0);
    let c = n.host("c", s, &[g]);
    let q = n.peering(w.0, x.0);
    n.route(w.1, "10.2.0.0/16", Target::Peering(q));
    n.route(x.1, "10.0.0.0/8", Target::Peering(q));
    n.route(TableId(0), "10.2.0.0/16", Target::Peering(p));
    assert_eq!(delivers(&n.n, a, c), "nothing");
}

#[test]
fn peering_lends_no_gateway() {
    let (mut n, [_, w], [a, b], p) = peered();
    let internet = n.internet();
    let igw = n.gateway(Some(w.0), GatewayKind::Internet);
    n.route(w.1, "0.0.0.0/0", Target::Gateway(igw));
    n.route(TableId(0), "0.0.0.0/0", Target::Peering(p));
    n.of(a).public = Tri::Yes;
    n.of(b).public = Tri::Yes;
    assert_eq!(completes(&n.n, b, internet), "everything");
    assert_eq!(delivers(&n.n, a, internet), "nothing");
}

#[test]
fn the_longest_prefix_is_taken_and_black_holes_stay_black() {
    let (mut n, [v, _], [a, b], _) = peered();
    n.route(v.1, "10.1.1.0/24", Target::Blackhole);
    assert_eq!(delivers(&n.n, a, b), "nothing");
    n.n.tables[v.1.index()].routes.pop();
    n.route(v.1, "10.0.0.0/8", Target::Blackhole);
    assert_eq!(completes(&n.n, a, b), "everything");
}

#[test]
fn of_equal_routes_the_static_one_is_taken() {
    let (mut n, [v, _], [a, b], p) = peered();
    n.route(v.1, "10.1.0.0/16", Target::Blackhole);
    let routes = &mut n.n.tables[v.1.index()].routes;
    routes.last_mut().expect("a route").propagated = true;
    assert_eq!(completes(&n.n, a, b), "everything");
    let routes = &mut n.n.tables[v.1.index()].routes;
    for route in routes.iter_mut() {
        route.propagated = route.target == Target::Peering(p);
    }
    assert_eq!(delivers(&n.n, a, b), "nothing");
}

#[test]
fn a_doubtful_route_may_be_taken_or_not() {
    let (mut n, [v, _], [a, b], _) = peered();
    let doubt = n.doubt("count is unknown");
    n.n.tables[v.1.index()].routes.last_mut().expect("a route").presence = Presence::Maybe(doubt);
    assert_eq!(ask(&n.n, a, b, V4, Delivered, May), "everything");
    assert_eq!(ask(&n.n, a, b, V4, Delivered, Must), "nothing");
    let route = n.n.tables[v.1.index()].routes.last_mut().expect("a route");
    (route.presence, route.range) = (Presence::Sure, None);
    assert_eq!(ask(&n.n, a, b, V4, Delivered, May), "everything");
    assert_eq!(ask(&n.n, a, b, V4, Delivered, Must), "nothing");
}

#[test]
fn a_route_to_something_unknown_could_lead_anywhere() {
    let (mut n, [v, _], [a, b]) = two();
    let doubt = n.doubt("an id from a variable");
    n.route(v.1, "10.1.0.0/16", Target::Anywhere(doubt));
    assert_eq!(ask(&n.n, a, b, V4, Completes, May), "everything");
    assert_eq!(ask(&n.n, a, b, V4, Completes, Must), "nothing");
}

#[test]
fn if_the_table_of_a_subnet_is_not_certain_several_count() {
    let (mut n, [v, _], [a, b], _) = peered();
    let other = n.table(v.0);
    let doubt = n.doubt("association");
    n.n.subnets[0].table_presence = Presence::Maybe(doubt);
    n.n.subnets[0].other_tables = vec![other];
    assert_eq!(ask(&n.n, a, b, V4, Completes, May), "everything");
    assert_eq!(ask(&n.n, a, b, V4, Completes, Must), "nothing");
    let c = n.host("c", SubnetId(0), &[GroupId(0)]);
    assert_eq!(completes(&n.n, a, c), "everything", "within the subnet no table counts");
}

/// One VPC: a in s, b in t, and a third subnet for what stands between them.
fn middle() -> (Net, Of, [TableId; 2], [NodeId; 2], SubnetId) {
    let mut n = Net::default();
    let v = n.vpc("v", &["10.0.0.0/16"]);
    let (ts, tt) = (n.table(v.0), n.table(v.0));
    let s = n.subnet((v.0, ts, v.2), &["10.0.1.0/24"], "eu-west-1a");
    let t = n.subnet((v.0, tt, v.2), &["10.0.2.0/24"], "eu-west-1a");
    let m = n.subnet(v, &["10.0.3.0/24"], "eu-west-1a");
    let g = n.open_group(v.0);
    let (a, b) = (n.host("a", s, &[g]), n.host("b", t, &[g]));
    (n, v, [ts, tt], [a, b], m)
}

#[test]
fn routes_more_specific_than_local_lead_through_a_firewall() {
    let (mut n, _, [ts, tt], [a, b], m) = middle();
    let f = n.firewall(m);
    n.route(ts, "10.0.2.0/24", Target::Interface(f));
    assert_eq!(delivers(&n.n, a, b), "everything");
    assert_eq!(ask(&n.n, a, b, V4, Completes, May), "everything", "it may be stateless");
    assert_eq!(ask(&n.n, a, b, V4, Completes, Must), NO_ANSWERS, "the answer goes around it");
    n.route(tt, "10.0.1.0/24", Target::Interface(f));
    assert_eq!(completes(&n.n, a, b), "everything");
}

#[test]
fn an_instance_passes_packets_on_only_without_its_check() {
    let (mut n, _, [ts, tt], [a, b], m) = middle();
    let g = GroupId(0);
    let x = n.host("x", m, &[g]);
    let interface = InterfaceId(n.n.interfaces.len() as u32 - 1);
    n.route(ts, "10.0.2.0/24", Target::Interface(interface));
    n.route(tt, "10.0.1.0/24", Target::Interface(interface));
    assert_eq!(delivers(&n.n, a, b), "nothing");
    n.of(x).source_dest_check = Tri::No;
    assert_eq!(ask(&n.n, a, b, V4, Completes, May), "everything");
    assert_eq!(ask(&n.n, a, b, V4, Completes, Must), "nothing", "what it does is its own business");
    let closed = n.group(VpcId(0), vec![tcp(22, "10.0.0.0/16")], vec![all("0.0.0.0/0")]);
    n.of(x).groups = Some(vec![(closed, Presence::Sure)]);
    assert_eq!(ask(&n.n, a, b, V4, Completes, May), "tcp 22", "its groups look at what it passes on");
}

#[test]
fn an_appliance_may_send_in_its_own_name_and_is_a_member_of_its_groups() {
    let (mut n, v, [ts, _], [a, b], m) = middle();
    let own = n.open_group(v.0);
    let x = n.host("x", m, &[own]);
    n.of(x).source_dest_check = Tri::No;
    let interface = InterfaceId(n.n.interfaces.len() as u32 - 1);
    n.route(ts, "10.0.2.0/24", Target::Interface(interface));
    let only = n.group(v.0, vec![tcp_from(80, own)], vec![]);
    n.of(b).groups = Some(vec![(only, Presence::Sure)]);
    assert_eq!(ask(&n.n, a, b, V4, Delivered, May), "tcp 80");
    assert_eq!(ask(&n.n, a, b, V4, Completes, May), "tcp 80");
    assert_eq!(ask(&n.n, a, b, V4, Delivered, Must), "nothing");
}

#[test]
fn a_zone_that_is_lost_takes_its_hosts_along() {
    let (mut n, _, [ts, _], [a, b], m) = middle();
    n.n.subnets[m.index()].zone = Some("eu-west-1b".into());
    let f = n.firewall(m);
    n.route(ts, "10.0.2.0/24", Target::Interface(f));
    let engine = Engine::without_zone(&n.n, "eu-west-1b");
    assert!(engine.reach(a, b, Ways::NETWORK).is_empty(), "the firewall is gone");
    let engine = Engine::without_zone(&n.n, "eu-west-1a");
    assert!(engine.reach(b, a, Ways::NETWORK).is_empty(), "both are gone");
    assert_eq!(delivers(&n.n, b, a), "everything");
}
