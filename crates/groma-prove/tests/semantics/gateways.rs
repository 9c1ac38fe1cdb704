use super::net::*;
use super::*;
use groma_prove::model::*;

struct World {
    n: Net,
    v: Of,
    internet: NodeId,
    /// In a public subnet.
    a: NodeId,
    public: SubnetId,
    /// In a private one.
    b: NodeId,
    private: (SubnetId, TableId),
    igw: GatewayId,
}

fn world() -> World {
    let mut n = Net::default();
    let internet = n.internet();
    let v = n.vpc("v", &["10.0.0.0/16", "2600:1f00::/56"]);
    let table = n.table(v.0);
    let public = n.subnet(v, &["10.0.1.0/24", "2600:1f00:0:1::/64"], "eu-west-1a");
    let private = n.subnet((v.0, table, v.2), &["10.0.2.0/24", "2600:1f00:0:2::/64"], "eu-west-1a");
    let g = n.open_group(v.0);
    let (a, b) = (n.host("a", public, &[g]), n.host("b", private, &[g]));
    let igw = n.gateway(Some(v.0), GatewayKind::Internet);
    n.route(v.1, "0.0.0.0/0", Target::Gateway(igw));
    n.route(v.1, "::/0", Target::Gateway(igw));
    n.of(a).public = Tri::Yes;
    World { n, v, internet, a, public, b, private: (private, table), igw }
}

#[test]
fn the_internet_needs_a_gateway_a_route_and_an_address() {
    let World { mut n, v, internet, a, b, igw, .. } = world();
    assert_eq!(completes(&n.n, a, internet), "everything");
    assert_eq!(completes(&n.n, internet, a), "everything");
    assert_eq!(delivers(&n.n, b, internet), "nothing", "no route");
    assert_eq!(delivers(&n.n, internet, b), "nothing", "no address");
    n.of(b).public = Tri::Yes;
    assert_eq!(delivers(&n.n, internet, b), "everything", "what comes in needs no route out");
    assert_eq!(completes(&n.n, internet, b), NO_ANSWERS, "answers do");
    n.of(a).public = Tri::No;
    assert_eq!(delivers(&n.n, a, internet), "nothing", "no address");
    n.of(a).public = Tri::Yes;
    n.n.gateways[igw.index()].vpc = None;
    assert_eq!(delivers(&n.n, a, internet), "nothing", "not attached");
    let w = n.vpc("w", &["10.9.0.0/16"]);
    n.n.gateways[igw.index()].vpc = Some(w.0);
    assert_eq!(delivers(&n.n, a, internet), "nothing", "attached to another VPC");
    assert_eq!(delivers(&n.n, internet, a), "nothing");
    n.n.gateways[igw.index()].vpc = Some(v.0);
    let doubt = n.doubt("map_public_ip_on_launch is unknown");
    n.of(a).public = Tri::Maybe(doubt);
    assert_eq!(ask(&n.n, a, internet, V4, Completes, May), "everything");
    assert_eq!(ask(&n.n, a, internet, V4, Completes, Must), "nothing");
}

#[test]
fn ipv6_needs_no_public_ipv4_address() {
    let World { mut n, internet, a, b, .. } = world();
    n.of(a).public = Tri::No;
    assert_eq!(ask(&n.n, a, internet, V6, Completes, Must), "everything");
    assert_eq!(completes6(&n.n, internet, a), "everything");
    assert_eq!(agreed(&n.n, b, internet, V6, Delivered), "nothing");
}

#[test]
fn some_of_the_internet_is_not_all_of_it() {
    let World { mut n, v, internet, a, .. } = world();
    let g = n.group(v.0, vec![tcp(443, "203.0.113.0/24"), tcp(22, "0.0.0.0/0")], vec![]);
    n.of(a).groups = Some(vec![(g, Presence::Sure)]);
    assert_eq!(ask(&n.n, internet, a, V4, Completes, May), "tcp 22, 443");
    assert_eq!(ask(&n.n, internet, a, V4, Completes, Must), "tcp 22, 443");
    assert_eq!(ask(&n.n, internet, a, V4, Completes, Everywhere), "tcp 22");
}

#[test]
fn a_gateway_of_which_nobody_knows_the_vpc_may_be_attached_anywhere() {
    let World { mut n, internet, a, igw, .. } = world();
    let doubt = n.doubt("vpc_id is known after apply");
    let gateway = &mut n.n.gateways[igw.index()];
    (gateway.vpc, gateway.presence) = (None, Presence::Maybe(doubt));
    for (from, to) in [(a, internet), (internet, a)] {
        assert_eq!(ask(&n.n, from, to, V4, Completes, May), "everything");
        assert_eq!(ask(&n.n, from, to, V4, Delivered, Must), "nothing");
    }
}

#[test]
fn into_a_vpc_of_others_something_may_lead() {
    let World { mut n, v, internet, a, igw, .. } = world();
    n.n.gateways[igw.index()].vpc = None;
    assert_eq!(delivers(&n.n, internet, a), "nothing");
    n.n.vpcs[v.0.index()].described = false;
    assert_eq!(ask(&n.n, internet, a, V4, Completes, May), "everything");
    assert_eq!(ask(&n.n, internet, a, V4, Delivered, Must), "nothing");
}

#[test]
fn private_sources_are_not_on_the_internet() {
    let World { mut n, v, internet, a, .. } = world();
    let g = n.group(v.0, vec![all("10.0.0.0/8"), all("fd00::/8")], vec![]);
    n.of(a).groups = Some(vec![(g, Presence::Sure)]);
    assert_eq!(delivers(&n.n, internet, a), "nothing");
    assert_eq!(agreed(&n.n, internet, a, V6, Delivered), "nothing");
}

#[test]
fn nat_is_from_inside_only() {
    let World { mut n, v, internet, b, public, private, .. } = world();
    let nat = n.nat(v.0, public, true);
    n.route(private.1, "0.0.0.0/0", Target::Gateway(nat));
    let out = "tcp all; udp all; icmp all";
    assert_eq!(completes(&n.n, b, internet), out, "NAT gateways know these protocols");
    assert_eq!(delivers(&n.n, internet, b), "nothing");
    n.of(b).public = Tri::Yes;
    assert_eq!(delivers(&n.n, internet, b), "everything");
    assert_eq!(completes(&n.n, internet, b), NO_ANSWERS, "the answer goes by the NAT gateway");
    assert_eq!(agreed(&n.n, b, internet, V6, Delivered), "nothing");
}

#[test]
fn nat_needs_a_way_out_of_its_own_subnet_and_an_elastic_address() {
    let World { mut n, v, internet, b, private, public, .. } = world();
    let nat = n.nat(v.0, private.0, true);
    n.route(private.1, "0.0.0.0/0", Target::Gateway(nat));
    assert_eq!(delivers(&n.n, b, internet), "nothing", "it leads to itself");
    let inside = n.nat(v.0, public, false);
    n.n.tables[private.1.index()].routes.last_mut().expect("a route").target = Target::Gateway(inside);
    assert_eq!(delivers(&n.n, b, internet), "nothing", "a private one");
}

#[test]
fn acls_of_the_nat_gateways_subnet_count() {
    let World { mut n, v, internet, b, public, private, .. } = world();
    let nat = n.nat(v.0, public, true);
    n.route(private.1, "0.0.0.0/0", Target::Gateway(nat));
    let acl = n.acl(v.0);
    n.n.subnets[public.index()].acl = acl;
    n.entry(acl, true, 100, true, Some((443, 443)), "10.0.2.0/24");
    n.entry(acl, false, 100, true, Some((443, 443)), "0.0.0.0/0");
    assert_eq!(delivers(&n.n, b, internet), "tcp 443");
    assert_eq!(completes(&n.n, b, internet), "nothing", "answers neither come in nor go on");
    n.entry(acl, true, 200, true, Some((1024, 65535)), "0.0.0.0/0");
    assert_eq!(completes(&n.n, b, internet), "nothing", "answers do not go on");
    n.entry(acl, false, 200, true, Some((32768, 60999)), "10.0.2.0/24");
    assert_eq!(completes(&n.n, b, internet), "tcp 443");
}

#[test]
fn behind_nat_the_source_is_the_nats_address() {
    let World { mut n, v, b, public, private, .. } = world();
    let w = n.vpc("w", &["10.1.0.0/16"]);
    let t = n.subnet(w, &["10.1.1.0/24"], "eu-west-1a");
    let g = n.group(w.0, vec![tcp(80, "10.0.1.0/24"), tcp(81, "10.0.2.0/24")], vec![]);
    let c = n.host("c", t, &[g]);
    let p = n.peering(v.0, w.0);
    let nat = n.nat(v.0, public, false);
    n.route(private.1, "10.1.0.0/16", Target::Gateway(nat));
    n.route(v.1, "10.1.0.0/16", Target::Peering(p));
    n.route(w.1, "10.0.1.0/24", Target::Peering(p));
    assert_eq!(completes(&n.n, b, c), "tcp 80", "and answers need a route to the NAT only");
    n.n.groups[g.index()].ingress = Vec::new();
    let members = n.group(w.0, vec![tcp_from(82, GroupId(0))], vec![]);
    n.of(c).groups = Some(vec![(members, Presence::Sure)]);
    assert_eq!(delivers(&n.n, b, c), "nothing", "references do not match behind NAT");
}

#[test]
fn egress_only_gateways_are_ipv6_and_outward() {
    let World { mut n, v, internet, b, private, .. } = world();
    let gateway = n.gateway(Some(v.0), GatewayKind::EgressOnly);
    n.route(private.1, "::/0", Target::Gateway(gateway));
    n.route(private.1, "0.0.0.0/0", Target::Gateway(gateway));
    assert_eq!(ask(&n.n, b, internet, V6, Completes, Must), "everything");
    assert_eq!(delivers(&n.n, b, internet), "nothing");
    assert_eq!(ask(&n.n, internet, b, V6, Completes, Must), "icmp types 0-127, types 129-255");
    assert_eq!(ask(&n.n, internet, b, V6, Completes, May), "everything", "answers may leave by it");
}

#[test]
fn block_public_access_closes_gateways() {
    let World { mut n, v, internet, a, b, public, private, .. } = world();
    let nat = n.nat(v.0, public, true);
    n.route(private.1, "0.0.0.0/0", Target::Gateway(nat));
    let item = n.item("block");
    n.n.vpcs[v.0.index()].blocked = Some((BlockMode::Ingress, item));
    assert_eq!(delivers(&n.n, internet, a), "nothing");
    let out = |bound| ask(&n.n, a, internet, V4, Completes, bound);
    assert_eq!(out(Must), "nothing", "only NAT and egress-only gateways are left");
    assert_eq!(out(May), "everything", "and what exclusions may let out");
    assert_eq!(completes(&n.n, b, internet), "tcp all; udp all; icmp all");
    n.n.vpcs[v.0.index()].blocked = Some((BlockMode::Bidirectional, item));
    assert_eq!(delivers(&n.n, b, internet), "nothing");
}

#[test]
fn a_gateways_table_sends_what_comes_in_through_a_firewall() {
    let World { mut n, v, internet, a, igw, private, .. } = world();
    let f = n.firewall(private.0);
    let edge = n.table(v.0);
    n.n.gateways[igw.index()].table = Some(edge);
    n.route(edge, "10.0.1.0/24", Target::Interface(f));
    assert_eq!(delivers(&n.n, internet, a), "everything");
    assert_eq!(ask(&n.n, internet, a, V4, Completes, Must), NO_ANSWERS, "the answer goes around it");
    n.n.tables[v.1.index()].routes.retain(|r| r.range != Some(net("0.0.0.0/0")));
    n.route(v.1, "0.0.0.0/0", Target::Interface(f));
    n.route(private.1, "0.0.0.0/0", Target::Gateway(igw));
    assert_eq!(completes(&n.n, internet, a), "everything");
    assert_eq!(completes(&n.n, a, internet), "everything");
}

#[test]
fn public_addresses_reach_each_other_over_the_internet_without_references() {
    let World { mut n, a, .. } = world();
    let w = n.vpc("w", &["10.1.0.0/16"]);
    let t = n.subnet(w, &["10.1.1.0/24"], "eu-west-1a");
    let g = n.group(w.0, vec![tcp(80, "0.0.0.0/0"), tcp_from(81, GroupId(0))], vec![]);
    let c = n.host("c", t, &[g]);
    let igw = n.gateway(Some(w.0), GatewayKind::Internet);
    n.route(w.1, "0.0.0.0/0", Target::Gateway(igw));
    n.of(c).public = Tri::Yes;
    assert_eq!(delivers(&n.n, a, c), "nothing", "not between private addresses");
    let engine = Engine::new(&n.n);
    let reach = engine.reach(a, c, Ways::ALL);
    assert_eq!(reach.get(V4, Completes, May).to_string(), "tcp 80");
    assert_eq!(reach.get(V4, Completes, Must).to_string(), "tcp 80");
}

#[test]
fn ipv6_goes_from_vpc_to_vpc_over_internet_gateways() {
    let World { mut n, a, b, .. } = world();
    let w = n.vpc("w", &["2600:1f01::/56"]);
    let t = n.subnet(w, &["2600:1f01:0:1::/64"], "eu-west-1a");
    let g = n.open_group(w.0);
    let c = n.host("c", t, &[g]);
    let igw = n.gateway(Some(w.0), GatewayKind::Internet);
    n.route(w.1, "::/0", Target::Gateway(igw));
    assert_eq!(completes6(&n.n, a, c), "everything");
    assert_eq!(agreed(&n.n, b, c, V6, Delivered), "nothing");
}

#[test]
fn nat64_may_be_a_way_to_the_ipv4_internet() {
    let World { mut n, v, internet, b, public, private, .. } = world();
    let nat = n.nat(v.0, public, true);
    n.route(private.1, "64:ff9b::/96", Target::Gateway(nat));
    assert_eq!(ask(&n.n, b, internet, V6, Completes, May), "tcp all; udp all; icmp all");
    assert_eq!(ask(&n.n, b, internet, V6, Completes, Must), "nothing");
}

#[test]
fn the_ipv6_internet_is_global_unicast() {
    let World { mut n, v, internet, a, .. } = world();
    n.route(v.1, "2000::/3", Target::Blackhole);
    assert_eq!(agreed(&n.n, a, internet, V6, Delivered), "nothing");
    n.n.tables[v.1.index()].routes.pop();
    let g = n.group(v.0, vec![tcp(443, "2000::/3")], vec![]);
    n.of(a).groups = Some(vec![(g, Presence::Sure)]);
    assert_eq!(completes6(&n.n, internet, a), "tcp 443");
}

#[test]
fn a_gateway_endpoint_leads_to_its_service_only() {
    let World { mut n, v, internet, b, private, .. } = world();
    let s3 = n.service("s3");
    let item = n.item("pl-s3");
    let entries = Some(vec![net("52.92.0.0/17")]);
    n.n.prefix_lists.push(PrefixList { item, entries, service: Some(s3) });
    let gateway = n.gateway(Some(v.0), GatewayKind::Service { service: s3 });
    n.route(private.1, "52.92.0.0/17", Target::Gateway(gateway));
    let only = n.group(v.0, vec![], vec![(Protocol::Number(6), None, Peer::List(PrefixListId(0)))]);
    n.of(b).groups = Some(vec![(only, Presence::Sure)]);
    assert_eq!(completes(&n.n, b, s3), "tcp all");
    assert_eq!(delivers(&n.n, b, internet), "nothing");
}

#[test]
fn what_is_outside_comes_in_by_the_private_gateway_and_not_through_to_others() {
    let World { mut n, v, internet, b, private, .. } = world();
    let office = n.node("office", NodeKind::Outside);
    let ranges = Some(vec![net("192.168.0.0/16")]);
    let vgw = n.gateway(Some(v.0), GatewayKind::Private { ranges, outside: office });
    assert_eq!(delivers(&n.n, office, b), "everything");
    assert_eq!(completes(&n.n, office, b), NO_ANSWERS);
    n.route(private.1, "192.168.0.0/16", Target::Gateway(vgw));
    assert_eq!(completes(&n.n, office, b), "everything");
    assert_eq!(completes(&n.n, b, office), "everything");
    assert_eq!(delivers(&n.n, office, internet), "nothing");
    n.route(private.1, "0.0.0.0/0", Target::Gateway(vgw));
    assert_eq!(ask(&n.n, b, internet, V4, Delivered, May), "everything", "the office may pass it on");
    assert_eq!(ask(&n.n, b, internet, V4, Delivered, Must), "nothing");
}

#[test]
fn behind_a_gateway_that_exists_there_may_be_more_than_is_known() {
    let World { mut n, v, b, private, .. } = world();
    let office = n.node("office", NodeKind::Outside);
    let ranges = Some(vec![net("192.168.0.0/16")]);
    let vgw = n.gateway(Some(v.0), GatewayKind::Private { ranges, outside: office });
    n.route(private.1, "192.168.0.0/16", Target::Gateway(vgw));
    n.route(private.1, "172.16.0.0/12", Target::Gateway(vgw));
    let from = |n: &mut Net, range: &str| {
        let group = n.group(v.0, vec![tcp(22, range)], vec![]);
        n.of(b).groups = Some(vec![(group, Presence::Sure)]);
    };
    from(&mut n, "172.16.0.0/12");
    assert_eq!(completes(&n.n, office, b), "nothing", "that is all that is behind it");
    n.n.more_behind.push(office);
    assert_eq!(ask(&n.n, office, b, V4, Completes, May), "tcp 22");
    assert_eq!(ask(&n.n, office, b, V4, Completes, Must), "nothing");
    from(&mut n, "192.168.0.0/16");
    assert_eq!(ask(&n.n, office, b, V4, Completes, Must), "tcp 22", "what is known is there all the same");
}
