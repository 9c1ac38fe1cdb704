use super::net::*;
use super::*;
use groma_prove::model::*;

struct Spoke {
    vpc: Of,
    subnet: SubnetId,
    host: NodeId,
    group: GroupId,
    attachment: AttachmentId,
}

/// Spokes 10.N.0.0/16 of one hub and one table, with default routes to the hub.
fn star(count: usize) -> (Net, HubId, HubTableId, Vec<Spoke>) {
    let mut n = Net::default();
    let (hub, table) = n.hub();
    let mut spokes = Vec::new();
    for i in 0..count {
        let vpc = n.vpc(&format!("v{i}"), &[&format!("10.{i}.0.0/16")]);
        let subnet = n.subnet(vpc, &[&format!("10.{i}.1.0/24")], "eu-west-1a");
        let group = n.open_group(vpc.0);
        let host = n.host(&format!("h{i}"), subnet, &[group]);
        let door = n.subnet(vpc, &[&format!("10.{i}.255.0/28")], "eu-west-1a");
        let attachment = n.attach(hub, Some(table), vpc.0, &[door]);
        n.route(vpc.1, "10.0.0.0/8", Target::Hub(hub));
        n.hub_route(table, &format!("10.{i}.0.0/16"), Some(attachment));
        spokes.push(Spoke { vpc, subnet, host, group, attachment });
    }
    (n, hub, table, spokes)
}

#[test]
fn a_hub_connects_what_its_table_knows() {
    let (mut n, _, table, s) = star(2);
    assert_eq!(completes(&n.n, s[0].host, s[1].host), "everything");
    n.n.hub_tables[table.index()].routes.remove(0);
    assert_eq!(delivers(&n.n, s[0].host, s[1].host), "everything");
    assert_eq!(completes(&n.n, s[0].host, s[1].host), NO_ANSWERS);
}

#[test]
fn association_and_tables_separate() {
    let (mut n, hub, _, s) = star(3);
    let other = n.hub_table(hub);
    n.hub_route(other, "10.2.0.0/16", Some(s[2].attachment));
    n.n.attachments[s[0].attachment.index()].table = Some((other, Presence::Sure));
    assert_eq!(delivers(&n.n, s[0].host, s[1].host), "nothing");
    assert_eq!(completes(&n.n, s[0].host, s[2].host), "everything");
    n.n.attachments[s[0].attachment.index()].table = None;
    assert_eq!(delivers(&n.n, s[0].host, s[2].host), "nothing");
}

#[test]
fn black_holes_of_hubs_win_by_length() {
    let (mut n, _, table, s) = star(2);
    n.hub_route(table, "10.1.1.0/24", None);
    assert_eq!(delivers(&n.n, s[0].host, s[1].host), "nothing");
}

#[test]
fn a_zone_without_attachment_does_not_get_out() {
    let (mut n, _, _, s) = star(2);
    n.n.subnets[s[0].subnet.index()].zone = Some("eu-west-1b".into());
    assert_eq!(delivers(&n.n, s[0].host, s[1].host), "nothing");
    assert_eq!(delivers(&n.n, s[1].host, s[0].host), "everything", "but it is reached");
    assert_eq!(completes(&n.n, s[1].host, s[0].host), NO_ANSWERS);
}

#[test]
fn references_cross_a_hub_inbound_only_and_only_if_it_supports_them() {
    let (mut n, hub, _, s) = star(2);
    let only = n.group(s[1].vpc.0, vec![tcp_from(80, s[0].group)], vec![]);
    n.of(s[1].host).groups = Some(vec![(only, Presence::Sure)]);
    assert_eq!(delivers(&n.n, s[0].host, s[1].host), "nothing");
    n.n.hubs[hub.index()].group_references = Tri::Yes;
    assert_eq!(completes(&n.n, s[0].host, s[1].host), "tcp 80");
    let out = n.group(s[0].vpc.0, vec![], vec![tcp_from(80, only)]);
    n.of(s[0].host).groups = Some(vec![(s[0].group, Presence::Sure)]);
    assert_eq!(completes(&n.n, s[0].host, s[1].host), "tcp 80");
    n.of(s[0].host).groups = Some(vec![(out, Presence::Sure)]);
    assert_eq!(delivers(&n.n, s[0].host, s[1].host), "nothing");
}

#[test]
fn references_may_count_by_whatever_way_between_peered_vpcs() {
    let (mut n, _, _, s) = star(2);
    let only = n.group(s[1].vpc.0, vec![tcp_from(80, s[0].group)], vec![]);
    n.of(s[1].host).groups = Some(vec![(only, Presence::Sure)]);
    assert_eq!(delivers(&n.n, s[0].host, s[1].host), "nothing");
    n.peering(s[0].vpc.0, s[1].vpc.0);
    assert_eq!(ask(&n.n, s[0].host, s[1].host, V4, Completes, May), "tcp 80", "though it goes by the hub");
    assert_eq!(ask(&n.n, s[0].host, s[1].host, V4, Completes, Must), "nothing");
}

#[test]
fn acls_of_the_attachments_subnets_count() {
    let (mut n, _, _, s) = star(2);
    let door = SubnetId(1);
    let acl = n.acl(s[0].vpc.0);
    n.n.subnets[door.index()].acl = acl;
    n.entry(acl, true, 100, true, Some((443, 443)), "10.0.1.0/24");
    assert_eq!(delivers(&n.n, s[0].host, s[1].host), "tcp 443", "inbound, by the source");
    assert_eq!(completes(&n.n, s[0].host, s[1].host), "nothing", "outbound, towards the instances");
    n.entry(acl, false, 100, true, Some((1024, 65535)), "10.0.1.0/24");
    assert_eq!(completes(&n.n, s[0].host, s[1].host), "tcp 443");
}

#[test]
fn egress_through_another_vpc_by_nat() {
    let (mut n, hub, table, s) = star(2);
    let internet = n.internet();
    let out = &s[1];
    let (private, public) = (n.table(out.vpc.0), n.table(out.vpc.0));
    let nat_subnet = n.subnet((out.vpc.0, public, out.vpc.2), &["10.1.9.0/24"], "eu-west-1a");
    let nat = n.nat(out.vpc.0, nat_subnet, true);
    let igw = n.gateway(Some(out.vpc.0), GatewayKind::Internet);
    let door = SubnetId(3);
    n.n.subnets[door.index()].table = private;
    n.route(private, "0.0.0.0/0", Target::Gateway(nat));
    n.route(public, "0.0.0.0/0", Target::Gateway(igw));
    n.route(s[0].vpc.1, "0.0.0.0/0", Target::Hub(hub));
    n.hub_route(table, "0.0.0.0/0", Some(out.attachment));
    assert_eq!(delivers(&n.n, s[0].host, internet), "tcp all; udp all; icmp all");
    assert_eq!(completes(&n.n, s[0].host, internet), NO_ANSWERS, "no way back from the NAT gateway");
    n.route(public, "10.0.0.0/8", Target::Hub(hub));
    assert_eq!(completes(&n.n, s[0].host, internet), "tcp all; udp all; icmp all");
}

/// Spokes over a firewall VPC with two zones; a host in each zone of the spokes.
fn inspected(appliance: bool) -> (Net, NodeId, NodeId) {
    let (mut n, hub, table, s) = star(2);
    let f = n.vpc("inspection", &["100.64.0.0/16"]);
    let mut doors = Vec::new();
    for (i, zone) in ["eu-west-1a", "eu-west-1b"].iter().enumerate() {
        let (to_firewall, back) = (n.table(f.0), n.table(f.0));
        let door = n.subnet((f.0, to_firewall, f.2), &[&format!("100.64.{i}.0/28")], zone);
        let inside = n.subnet((f.0, back, f.2), &[&format!("100.64.{i}.16/28")], zone);
        let firewall = n.firewall(inside);
        n.route(to_firewall, "0.0.0.0/0", Target::Interface(firewall));
        n.route(back, "0.0.0.0/0", Target::Hub(hub));
        doors.push(door);
    }
    let what = Attached::Vpc { vpc: f.0, subnets: doors, appliance };
    let attachment = n.attachment(hub, Some(table), what);
    let first = n.hub_table(hub);
    n.hub_route(first, "0.0.0.0/0", Some(attachment));
    for spoke in &s {
        n.n.attachments[spoke.attachment.index()].table = Some((first, Presence::Sure));
    }
    // The second spoke is in the other zone.
    for subnet in [2, 3] {
        n.n.subnets[subnet].zone = Some("eu-west-1b".into());
    }
    (n, s[0].host, s[1].host)
}

#[test]
fn appliance_mode_keeps_both_directions_in_one_zone() {
    let (n, a, b) = inspected(true);
    assert_eq!(completes(&n.n, a, b), "everything");
    let (n, a, b) = inspected(false);
    assert_eq!(delivers(&n.n, a, b), "everything");
    assert_eq!(ask(&n.n, a, b, V4, Completes, May), "everything");
    assert_eq!(ask(&n.n, a, b, V4, Completes, Must), NO_ANSWERS, "each direction takes another firewall");
}

#[test]
fn an_attachment_that_may_not_be_accepted_is_possible_only() {
    let (mut n, _, _, s) = star(2);
    let doubt = n.doubt("the accepter is in another account");
    n.n.attachments[s[1].attachment.index()].presence = Presence::Maybe(doubt);
    assert_eq!(ask(&n.n, s[0].host, s[1].host, V4, Completes, May), "everything");
    assert_eq!(ask(&n.n, s[0].host, s[1].host, V4, Completes, Must), "nothing");
}

#[test]
fn a_hub_of_others_may_connect_everything() {
    let (mut n, hub, table, s) = star(2);
    n.n.hub_tables[table.index()].routes.clear();
    assert_eq!(delivers(&n.n, s[0].host, s[1].host), "nothing");
    n.n.hubs[hub.index()].described = false;
    assert_eq!(ask(&n.n, s[0].host, s[1].host, V4, Completes, May), "everything");
    assert_eq!(ask(&n.n, s[0].host, s[1].host, V4, Delivered, Must), "nothing");
}

#[test]
fn hubs_are_connected_by_static_routes_on_both() {
    let (mut n, hub, table, s) = star(1);
    let (far, far_table) = n.hub();
    let w = n.vpc("w", &["10.8.0.0/16"]);
    let t = n.subnet(w, &["10.8.1.0/24"], "eu-west-1a");
    let g = n.open_group(w.0);
    let b = n.host("b", t, &[g]);
    let own = n.attach(far, Some(far_table), w.0, &[t]);
    n.route(w.1, "10.0.0.0/8", Target::Hub(far));
    n.hub_route(far_table, "10.8.0.0/16", Some(own));
    let there = n.attachment(hub, Some(table), Attached::Hub(far));
    let back = n.attachment(far, Some(far_table), Attached::Hub(hub));
    n.hub_route(table, "10.8.0.0/16", Some(there));
    assert_eq!(delivers(&n.n, s[0].host, b), "everything");
    assert_eq!(completes(&n.n, s[0].host, b), NO_ANSWERS);
    n.hub_route(far_table, "10.0.0.0/16", Some(back));
    assert_eq!(completes(&n.n, s[0].host, b), "everything");
}

#[test]
fn an_office_behind_a_hub_reaches_what_the_table_of_its_attachment_knows() {
    let (mut n, hub, table, s) = star(1);
    let office = n.node("office", NodeKind::Outside);
    let ranges = Some(vec![net("192.168.0.0/16")]);
    let vpn = n.attachment(hub, Some(table), Attached::Outside { node: office, ranges });
    n.hub_route(table, "192.168.0.0/16", Some(vpn));
    assert_eq!(delivers(&n.n, office, s[0].host), "everything");
    assert_eq!(completes(&n.n, office, s[0].host), NO_ANSWERS, "the VPC has no route to the office");
    n.route(s[0].vpc.1, "192.168.0.0/16", Target::Hub(hub));
    assert_eq!(completes(&n.n, office, s[0].host), "everything");
    assert_eq!(completes(&n.n, s[0].host, office), "everything");
}
