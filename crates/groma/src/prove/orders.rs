//! What is said of an apply's moments, against all of them one by one: small plans made at random.

use super::moments::Moments;
use super::properties::About;
use super::steps::{Look, steps};
use super::verdict::Verdict;
use super::world::{Staged, WorldStep};
use groma_engine::Action;
use groma_engine::rehearse::Step;
use groma_lang::{FileId, Span};
use groma_platform::Prove;
use groma_prove::extract;
use groma_prove::world::{Location, Object, World};
use groma_value::addr::ResourceInstance;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Pseudo-random numbers: the same seed gives the same plan.
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    fn percent(&mut self, n: usize) -> bool {
        self.below(100) < n
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// A resource: how it is before and after, and what it refers to.
struct Thing {
    addr: &'static str,
    before: Option<Json>,
    after: Option<Json>,
    needs: Vec<&'static str>,
}

/// What is in every plan: a VPC with two subnets, and the rules of one group in most.
const BASE: [(&str, &str, &[&str]); 12] = [
    (
        "aws_vpc.v",
        r#"{"id": "vpc-v", "cidr_block": "10.0.0.0/16", "default_route_table_id": "rtb-main", "default_network_acl_id": "acl-main", "default_security_group_id": "sg-main"}"#,
        &[],
    ),
    ("aws_internet_gateway.i", r#"{"id": "igw-i", "vpc_id": "vpc-v"}"#, &["aws_vpc.v"]),
    ("aws_subnet.a", r#"{"id": "subnet-a", "vpc_id": "vpc-v", "cidr_block": "10.0.1.0/24"}"#, &["aws_vpc.v"]),
    ("aws_subnet.b", r#"{"id": "subnet-b", "vpc_id": "vpc-v", "cidr_block": "10.0.2.0/24"}"#, &["aws_vpc.v"]),
    ("aws_route_table.t", r#"{"id": "rtb-t", "vpc_id": "vpc-v"}"#, &["aws_vpc.v"]),
    ("aws_route_table.u", r#"{"id": "rtb-u", "vpc_id": "vpc-v"}"#, &["aws_vpc.v"]),
    ("aws_security_group.g", r#"{"id": "sg-g", "vpc_id": "vpc-v"}"#, &["aws_vpc.v"]),
    ("aws_security_group.h", r#"{"id": "sg-h", "vpc_id": "vpc-v"}"#, &["aws_vpc.v"]),
    (
        "aws_instance.x",
        r#"{"id": "i-x", "subnet_id": "subnet-a", "vpc_security_group_ids": ["sg-g"], "associate_public_ip_address": true}"#,
        &["aws_subnet.a", "aws_security_group.g"],
    ),
    (
        "aws_instance.y",
        r#"{"id": "i-y", "subnet_id": "subnet-b", "vpc_security_group_ids": ["sg-h"]}"#,
        &["aws_subnet.b", "aws_security_group.h"],
    ),
    (
        "aws_vpc_security_group_egress_rule.g",
        r#"{"security_group_id": "sg-g", "ip_protocol": "-1", "cidr_ipv4": "0.0.0.0/0"}"#,
        &["aws_security_group.g"],
    ),
    (
        "aws_vpc_security_group_ingress_rule.g",
        r#"{"security_group_id": "sg-g", "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "0.0.0.0/0"}"#,
        &["aws_security_group.g"],
    ),
];

const INGRESS: [&str; 2] = ["aws_vpc_security_group_ingress_rule.p", "aws_vpc_security_group_ingress_rule.q"];
const EGRESS: [&str; 2] = ["aws_vpc_security_group_egress_rule.p", "aws_vpc_security_group_egress_rule.q"];
const ROUTES: [&str; 3] = ["aws_route.p", "aws_route.q", "aws_route.r"];

/// One version of something that may change.
fn version(rng: &mut Rng, addr: &'static str) -> (Json, Vec<&'static str>) {
    let group = rng.pick(&[("sg-g", "aws_security_group.g"), ("sg-h", "aws_security_group.h")]);
    let table = rng.pick(&[("rtb-t", "aws_route_table.t"), ("rtb-u", "aws_route_table.u")]);
    let subnet = rng.pick(&[("subnet-a", "aws_subnet.a"), ("subnet-b", "aws_subnet.b")]);
    match addr.split('.').next().expect("a type") {
        "aws_vpc_security_group_ingress_rule" | "aws_vpc_security_group_egress_rule" => {
            let mut rule = json!({ "security_group_id": group.0, "ip_protocol": rng.pick(&["-1", "tcp"]), "from_port": 80, "to_port": 80 });
            let mut needs = vec![group.1];
            match rng.pick(&["0.0.0.0/0", "0.0.0.0/0", "10.0.0.0/16", "group"]) {
                "group" => {
                    rule["referenced_security_group_id"] = "sg-h".into();
                    needs.push("aws_security_group.h");
                }
                range => rule["cidr_ipv4"] = range.into(),
            }
            (rule, needs)
        }
        "aws_route" => {
            let range = rng.pick(&["0.0.0.0/0", "0.0.0.0/1", "1.0.0.0/8"]);
            let mut route = json!({ "route_table_id": table.0, "destination_cidr_block": range });
            let mut needs = vec![table.1];
            if rng.percent(80) {
                route["gateway_id"] = "igw-i".into();
                needs.push("aws_internet_gateway.i");
            } else {
                // An instance that checks whom packets are for carries none.
                route["instance_id"] = "i-y".into();
                needs.push("aws_instance.y");
            }
            (route, needs)
        }
        "aws_route_table_association" => {
            let subnet =
                if addr.ends_with('a') { ("subnet-a", "aws_subnet.a") } else { ("subnet-b", "aws_subnet.b") };
            (json!({ "subnet_id": subnet.0, "route_table_id": table.0 }), vec![subnet.1, table.1])
        }
        "aws_default_route_table" => {
            let route = json!([{ "cidr_block": "0.0.0.0/0", "gateway_id": "igw-i" }]);
            let routes = if rng.percent(50) { route } else { json!([]) };
            (
                json!({ "id": "rtb-main", "default_route_table_id": "rtb-main", "route": routes }),
                vec!["aws_vpc.v", "aws_internet_gateway.i"],
            )
        }
        "aws_default_network_acl" => {
            (json!({ "id": "acl-main", "default_network_acl_id": "acl-main" }), vec!["aws_vpc.v"])
        }
        "aws_network_acl" => {
            let allow = |cidr: &str| json!([{ "rule_no": 100, "action": "allow", "protocol": "-1", "cidr_block": cidr, "from_port": 0, "to_port": 0 }]);
            let cidr = rng.pick(&["0.0.0.0/0", "10.0.0.0/16"]);
            (
                json!({ "id": "acl-n", "vpc_id": "vpc-v", "subnet_ids": [subnet.0], "ingress": allow(cidr), "egress": allow(cidr) }),
                vec!["aws_vpc.v", subnet.1],
            )
        }
        "aws_eip" => (json!({ "id": "eip-e", "instance": "i-y", "domain": "vpc" }), vec!["aws_instance.y"]),
        _ => {
            let groups = if rng.percent(60) { json!(["sg-g", "sg-h"]) } else { json!(["sg-h"]) };
            let needs = vec!["aws_subnet.b", "aws_security_group.g", "aws_security_group.h"];
            (
                json!({ "id": "i-z", "subnet_id": "subnet-b", "vpc_security_group_ids": groups, "associate_public_ip_address": rng.percent(50) }),
                needs,
            )
        }
    }
}

/// Things that come, change and go.
fn things(rng: &mut Rng) -> Vec<Thing> {
    let (new, old) = match rng.below(10) {
        0..4 => (true, false),
        4 => (false, true),
        _ => (false, false),
    };
    let mut out: Vec<Thing> = Vec::new();
    for (addr, text, needs) in BASE {
        if addr.ends_with("_rule.g") && rng.percent(30) {
            continue;
        }
        let value: Json = serde_json::from_str(text).expect("JSON");
        let (before, after) = ((!new).then(|| value.clone()), (!old).then_some(value));
        out.push(Thing { addr, before, after, needs: needs.to_vec() });
    }
    let mut more: Vec<&'static str> = [&INGRESS[..], &EGRESS, &ROUTES].concat();
    more.extend([
        "aws_route_table_association.a",
        "aws_route_table_association.b",
        "aws_default_route_table.d",
    ]);
    more.extend(["aws_default_network_acl.d", "aws_network_acl.n", "aws_eip.e", "aws_instance.z"]);
    let mut changing = if new || old { 3 } else { 5 };
    let mut tables = BTreeSet::new();
    while let Some(addr) = (!more.is_empty()).then(|| more.remove(rng.below(more.len()))) {
        if rng.percent(10) {
            continue;
        }
        let (first, needs) = version(rng, addr);
        // No two routes of a table for the same range.
        if !tables.insert(format!("{} {}", first["route_table_id"], first["destination_cidr_block"]))
            && addr.starts_with("aws_route.")
        {
            continue;
        }
        let mut thing = Thing { addr, before: Some(first.clone()), after: Some(first), needs };
        if changing > 0 && rng.percent(70) {
            changing -= 1;
            match rng.below(3) {
                0 => thing.before = None,
                1 => thing.after = None,
                _ if addr.starts_with("aws_route.") => thing.before = None,
                _ => {
                    let (second, needs) = version(rng, addr);
                    thing.after = Some(second);
                    thing.needs.extend(needs);
                }
            }
        }
        thing.before = thing.before.filter(|_| !new);
        thing.after = thing.after.filter(|_| !old);
        if thing.before.is_some() || thing.after.is_some() {
            out.push(thing);
        }
    }
    out
}

fn object(addr: &str, value: &Json, exists: bool) -> Object {
    Object {
        root: "".into(),
        addr: ResourceInstance::parse(addr).expect("an address"),
        location: Arc::new(Location {
            account: Some("123456789012".into()),
            region: Some("eu-west-1".into()),
        }),
        values: groma_value::json::from_json_implied(value).expect("a value"),
        place: None,
        exists,
    }
}

/// A plan that leads from the things before to those after, with what has to wait for what and
/// some more of that.
fn staged(rng: &mut Rng, things: &[Thing]) -> Staged {
    // Address, whether it is the old object that goes, what it waits for.
    let mut steps: Vec<(&str, bool, Action, BTreeSet<usize>)> = Vec::new();
    let changed = |t: &Thing| t.before != t.after;
    for t in things.iter().filter(|t| changed(t)) {
        match (&t.before, &t.after) {
            (None, _) => steps.push((t.addr, false, Action::Create, BTreeSet::new())),
            (_, None) => steps.push((t.addr, true, Action::Delete, BTreeSet::new())),
            _ => match rng.below(3) {
                0 => steps.push((t.addr, false, Action::Update, BTreeSet::new())),
                1 => {
                    steps.push((t.addr, true, Action::DeleteThenCreate, BTreeSet::new()));
                    let before = BTreeSet::from([steps.len() - 1]);
                    steps.push((t.addr, false, Action::DeleteThenCreate, before));
                }
                _ => {
                    steps.push((t.addr, false, Action::CreateThenDelete, BTreeSet::new()));
                    let before = BTreeSet::from([steps.len() - 1]);
                    steps.push((t.addr, true, Action::CreateThenDelete, before));
                }
            },
        }
    }
    let needs = |addr: &str| &things.iter().find(|t| t.addr == addr).expect("it is there").needs;
    let all: Vec<(&str, bool)> = steps.iter().map(|s| (s.0, s.1)).collect();
    for (n, (addr, gone)) in all.iter().enumerate() {
        for (m, (other, also)) in all.iter().enumerate() {
            // What is made waits for what it names; what goes for what names it.
            if !gone && !also && needs(addr).contains(other) || *gone && *also && needs(other).contains(addr)
            {
                steps[n].3.insert(m);
            }
        }
    }
    // What a new VPC begins with comes one after the other: that leaves orders enough.
    let base = |addr: &str| BASE.iter().any(|b| b.0 == addr);
    let chain: Vec<usize> = (0..all.len()).filter(|n| base(all[*n].0)).collect();
    for pair in chain.windows(2) {
        let (first, then) = if all[pair[0]].1 { (pair[1], pair[0]) } else { (pair[0], pair[1]) };
        steps[then].3.insert(first);
    }
    // An order, to which some more are added.
    let mut order: Vec<usize> = Vec::new();
    while order.len() < steps.len() {
        let ready = |n: &usize| !order.contains(n) && steps[*n].3.iter().all(|a| order.contains(a));
        let ready: Vec<usize> = (0..steps.len()).filter(ready).collect();
        let next = rng.pick(&ready);
        if let Some(last) = order.last().filter(|_| rng.percent(30)) {
            steps[next].3.insert(*last);
        }
        order.push(next);
    }
    let mut after: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); steps.len()];
    for n in &order {
        let own = steps[*n].3.clone();
        let more: BTreeSet<usize> = own.iter().flat_map(|a| after[*a].clone()).collect();
        after[*n] = own.into_iter().chain(more).collect();
    }
    let step = |(n, (addr, gone, action, _)): (usize, &(&str, bool, Action, BTreeSet<usize>))| WorldStep {
        root: "".into(),
        step: Step {
            addr: ResourceInstance::parse(addr).expect("an address"),
            action: *action,
            gone: *gone,
            after: after[n].iter().map(|a| *a as u32).collect(),
        },
    };
    let world = |of: &dyn Fn(&Thing) -> Option<Json>, exists: bool| {
        let mut objects: Vec<Object> =
            things.iter().filter_map(|t| Some(object(t.addr, &of(t)?, exists))).collect();
        objects.sort_by(|a, b| a.addr.cmp(&b.addr));
        World { objects, open: Vec::new() }
    };
    Staged {
        roots: Vec::new(),
        declared: Vec::new(),
        world: world(&|t| t.after.clone(), false),
        before: world(&|t| t.before.clone(), true),
        steps: Some(steps.iter().enumerate().map(step).collect()),
        notes: Vec::new(),
        deferred: Vec::new(),
        deposed: Vec::new(),
    }
}

fn block() -> Prove {
    let span = Span { file: FileId(0), start: 0, end: 0 };
    let never = [
        "aws_instance.x -> internet",
        "internet -> aws_instance.x",
        "aws_instance.y -> aws_instance.x",
        "aws_instance.z -> internet",
    ];
    Prove {
        name: "p".into(),
        never: never.map(|n| (n.to_owned(), span)).into(),
        always: Vec::new(),
        adds: Vec::new(),
        exactly: false,
        no_egress: Vec::new(),
        nat: Vec::new(),
        firewall: Vec::new(),
        zone_loss: false,
        steps: true,
        public: true,
        span,
    }
}

#[test]
fn what_is_said_of_all_orders_is_so_in_each() {
    let (mut proved, mut refuted, mut between, mut open, mut loose) = (0, 0, 0, 0, 0);
    for seed in 0..SEEDS {
        let mut rng = Rng(seed);
        let things = things(&mut rng);
        let staged = staged(&mut rng, &things);
        let mut block = block();
        block.never = vec![block.never.remove(rng.below(4))];
        let network = extract(&staged.world);
        let about = About { staged: &staged, network: &network, declared: &[] };
        let found = steps(&about, &block);
        let moments = Moments::new(&staged, staged.steps.as_deref().expect("steps"));
        let all = (0..moments.changes.len()).collect();
        let Some(sets) = moments.sets(&all, 400) else { continue };
        let look = Look::new(&about, &block);
        let mut worst = (Verdict::Proved, &sets[0]);
        for set in &sets {
            let verdict = look.worst(&moments.at(set));
            if verdict > worst.0 {
                worst = (verdict, set);
            }
            if worst.0 == Verdict::Refuted {
                break;
            }
        }
        let told = || {
            let names = |s: &BTreeSet<usize>| s.iter().map(|n| moments.called(*n)).collect::<Vec<_>>();
            format!(
                "seed {seed}: {:?} {}; {:?} after {:#?} of {:#?}",
                found.verdict,
                found.note,
                worst.0,
                names(worst.1),
                names(&all)
            )
        };
        match found.verdict {
            Verdict::Proved => {
                proved += 1;
                assert_eq!(worst.0, Verdict::Proved, "FALSE ISOLATION: {}", told());
            }
            Verdict::Refuted => {
                refuted += 1;
                let ends = [BTreeSet::new(), all.clone()].map(|s| look.worst(&moments.at(&s)));
                between += usize::from(ends == [Verdict::Proved; 2]);
                assert_eq!(worst.0, Verdict::Refuted, "{}", told());
            }
            Verdict::NotProved => {
                open += 1;
                loose += usize::from(worst.0 == Verdict::Proved);
            }
        }
    }
    let counts =
        format!("{proved} proved, {refuted} refuted, {between} of them only on the way, {open} open");
    assert!(proved > 15 && refuted > 15 && between >= 3, "{counts}");
    assert!(loose * 20 <= proved, "{loose} are not proved although they hold, {proved} are");
}

/// How many plans.
const SEEDS: u64 = 200;
