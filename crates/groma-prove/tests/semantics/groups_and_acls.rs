use super::net::*;
use super::*;
use groma_prove::model::*;

/// Two subnets of a VPC, a host in each.
fn pair(
    a_groups: impl Fn(&mut Net, VpcId) -> GroupId,
    b_groups: impl Fn(&mut Net, VpcId) -> GroupId,
) -> (Net, NodeId, NodeId) {
    let mut n = Net::default();
    let vpc = n.vpc("v", &["10.0.0.0/16", "2001:db8::/56"]);
    let s = n.subnet(vpc, &["10.0.1.0/24", "2001:db8:0:1::/64"], "eu-west-1a");
    let t = n.subnet(vpc, &["10.0.2.0/24", "2001:db8:0:2::/64"], "eu-west-1a");
    let (a, b) = (a_groups(&mut n, vpc.0), b_groups(&mut n, vpc.0));
    let (a, b) = (n.host("a", s, &[a]), n.host("b", t, &[b]));
    (n, a, b)
}

fn open(n: &mut Net, vpc: VpcId) -> GroupId {
    n.open_group(vpc)
}

#[test]
fn open_groups_let_everything_through_in_both_families() {
    let (n, a, b) = pair(open, open);
    assert_eq!(completes(&n.n, a, b), "everything");
    assert_eq!(completes6(&n.n, a, b), "everything");
}

#[test]
fn a_group_without_rules_lets_nothing_in_and_answers_out() {
    let (n, a, b) = pair(open, |n, v| n.group(v, vec![], vec![]));
    assert_eq!(delivers(&n.n, a, b), "nothing");
    assert_eq!(delivers(&n.n, b, a), "nothing");
    let (n, a, b) = pair(open, |n, v| n.group(v, vec![tcp(443, "10.0.0.0/16")], vec![]));
    assert_eq!(completes(&n.n, a, b), "tcp 443", "stateful: answers need no outbound rule");
    assert_eq!(completes6(&n.n, a, b), "nothing", "the rule is of the other family");
}

#[test]
fn rules_of_all_groups_are_taken_together() {
    let (mut n, a, b) = pair(open, |n, v| n.group(v, vec![tcp(443, "10.0.0.0/16")], vec![]));
    let vpc = VpcId(0);
    let more = n.group(vpc, vec![tcp(22, "10.0.1.0/24"), tcp(23, "10.9.0.0/16")], vec![]);
    n.of(b).groups.as_mut().expect("groups").push((more, Presence::Sure));
    assert_eq!(completes(&n.n, a, b), "tcp 22, 443");
}

#[test]
fn an_outbound_rule_is_needed_too() {
    let (n, a, b) = pair(|n, v| n.group(v, vec![], vec![tcp(80, "10.0.2.0/24")]), open);
    assert_eq!(completes(&n.n, a, b), "tcp 80");
}

#[test]
fn rules_for_a_part_of_a_subnet_are_possible_only() {
    let (n, a, b) = pair(open, |n, v| n.group(v, vec![tcp(80, "10.0.1.0/25")], vec![]));
    assert_eq!(ask(&n.n, a, b, V4, Completes, May), "tcp 80");
    assert_eq!(ask(&n.n, a, b, V4, Completes, Must), "nothing");
}

#[test]
fn a_known_address_decides() {
    let (mut n, a, b) = pair(open, |n, v| n.group(v, vec![tcp(80, "10.0.1.0/25")], vec![]));
    n.of(a).addresses = vec![net("10.0.1.7/32")];
    assert_eq!(completes(&n.n, a, b), "tcp 80");
    n.of(a).addresses = vec![net("10.0.1.200/32")];
    assert_eq!(completes(&n.n, a, b), "nothing");
}

#[test]
fn a_reference_means_the_members() {
    let (mut n, a, b) = pair(open, open);
    let members = GroupId(0);
    let only = n.group(VpcId(0), vec![tcp_from(5432, members)], vec![]);
    n.of(b).groups = Some(vec![(only, Presence::Sure)]);
    assert_eq!(completes(&n.n, a, b), "tcp 5432");
    n.of(a).groups = Some(vec![(GroupId(1), Presence::Sure)]);
    assert_eq!(completes(&n.n, a, b), "nothing");
    let doubt = n.doubt("perhaps a member");
    n.of(a).unknown_groups = Some(doubt);
    assert_eq!(ask(&n.n, a, b, V4, Completes, May), "tcp 5432");
    assert_eq!(ask(&n.n, a, b, V4, Completes, Must), "nothing");
}

#[test]
fn without_groups_nothing_filters_and_unknown_groups_are_open() {
    let (mut n, a, b) = pair(open, |n, v| n.group(v, vec![], vec![]));
    n.of(b).groups = None;
    assert_eq!(completes(&n.n, a, b), "everything");
    n.of(b).groups = Some(vec![]);
    assert_eq!(completes(&n.n, a, b), "nothing");
    let doubt = n.doubt("groups are known after apply");
    n.of(b).unknown_groups = Some(doubt);
    assert_eq!(ask(&n.n, a, b, V4, Completes, May), "everything");
    assert_eq!(ask(&n.n, a, b, V4, Completes, Must), "nothing");
}

#[test]
fn a_doubtful_rule_is_possible_only() {
    let (mut n, a, b) = pair(open, |n, v| n.group(v, vec![tcp(80, "10.0.0.0/16")], vec![]));
    let doubt = n.doubt("count is unknown");
    n.n.groups[1].ingress[0].presence = Presence::Maybe(doubt);
    assert_eq!(ask(&n.n, a, b, V4, Completes, May), "tcp 80");
    assert_eq!(ask(&n.n, a, b, V4, Completes, Must), "nothing");
}

#[test]
fn the_lowest_acl_entry_that_matches_decides() {
    let (mut n, a, b) = pair(open, open);
    let acl = n.acl(VpcId(0));
    n.n.subnets[1].acl = acl;
    n.entry(acl, false, 100, true, None, "0.0.0.0/0");
    n.entry(acl, true, 200, true, Some((0, 65535)), "0.0.0.0/0");
    n.entry(acl, true, 100, false, Some((22, 22)), "10.0.1.0/24");
    assert_eq!(completes(&n.n, a, b), "tcp 0-21, 23-65535");
    n.entry(acl, true, 50, true, Some((22, 22)), "10.0.1.0/24");
    assert_eq!(completes(&n.n, a, b), "tcp 0-65535".replace("0-65535", "all"));
}

#[test]
fn acls_are_stateless_and_answers_need_ephemeral_ports() {
    let (mut n, a, b) = pair(open, open);
    let acl = n.acl(VpcId(0));
    n.n.subnets[1].acl = acl;
    n.entry(acl, true, 100, true, None, "0.0.0.0/0");
    assert_eq!(delivers(&n.n, a, b), "everything");
    assert_eq!(ask(&n.n, a, b, V4, Completes, May), NO_ANSWERS);
    n.entry(acl, false, 100, true, Some((32768, 60999)), "10.0.1.0/24");
    let tcp_and_icmp = format!("tcp all; {NO_ANSWERS}");
    assert_eq!(completes(&n.n, a, b), tcp_and_icmp);
    n.n.acls[acl.index()].egress.clear();
    n.entry(acl, false, 100, true, Some((32768, 40000)), "10.0.1.0/24");
    assert_eq!(ask(&n.n, a, b, V4, Completes, May), tcp_and_icmp, "some client ports get answers");
    assert_eq!(ask(&n.n, a, b, V4, Completes, Must), NO_ANSWERS, "others do not");
}

#[test]
fn acls_do_not_apply_within_a_subnet() {
    let (mut n, a, _) = pair(open, open);
    let acl = n.acl(VpcId(0));
    n.n.subnets[0].acl = acl;
    let c = n.host("c", SubnetId(0), &[GroupId(0)]);
    assert_eq!(completes(&n.n, a, c), "everything");
    n.of(a).many = true;
    assert_eq!(completes(&n.n, a, a), "everything", "members of a class reach each other");
    n.of(a).many = false;
    assert_eq!(completes(&n.n, a, a), "nothing");
}

#[test]
fn a_doubtful_deny_is_possible_only() {
    let (mut n, a, b) = pair(open, open);
    let acl = n.acl(VpcId(0));
    n.n.subnets[1].acl = acl;
    n.entry(acl, false, 100, true, None, "0.0.0.0/0");
    n.entry(acl, true, 100, true, None, "0.0.0.0/0");
    n.entry(acl, true, 50, false, None, "10.0.1.0/24");
    assert_eq!(delivers(&n.n, a, b), "nothing");
    let doubt = n.doubt("unknown");
    n.n.acls[acl.index()].ingress[1].presence = Presence::Maybe(doubt);
    assert_eq!(ask(&n.n, a, b, V4, Delivered, May), "everything");
    assert_eq!(ask(&n.n, a, b, V4, Delivered, Must), "nothing");
}

#[test]
fn if_the_acl_of_a_subnet_is_not_certain_any_may_be_it() {
    let (mut n, a, b) = pair(open, open);
    let closed = n.acl(VpcId(0));
    let doubt = n.doubt("association");
    n.n.subnets[1].acl = closed;
    n.n.subnets[1].acl_presence = Presence::Maybe(doubt);
    assert_eq!(ask(&n.n, a, b, V4, Completes, May), "everything");
    assert_eq!(ask(&n.n, a, b, V4, Completes, Must), "nothing");
}
