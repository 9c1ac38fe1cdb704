use super::net::*;
use super::*;
use groma_prove::model::*;
use groma_prove::reach::Reach;

/// Internet, load balancer in a public subnet, web and database behind it.
fn site() -> (Net, [NodeId; 4]) {
    let mut n = Net::default();
    let internet = n.internet();
    let v = n.vpc("v", &["10.0.0.0/16"]);
    let inside = n.table(v.0);
    let public = n.subnet(v, &["10.0.1.0/24"], "eu-west-1a");
    let private = n.subnet((v.0, inside, v.2), &["10.0.2.0/24"], "eu-west-1a");
    let igw = n.gateway(Some(v.0), GatewayKind::Internet);
    n.route(v.1, "0.0.0.0/0", Target::Gateway(igw));
    let balancer = n.group(v.0, vec![tcp(443, "0.0.0.0/0")], vec![all("0.0.0.0/0")]);
    let web = n.group(v.0, vec![tcp_from(8080, balancer)], vec![all("0.0.0.0/0")]);
    let data = n.group(v.0, vec![tcp_from(5432, web)], vec![]);
    let lb = n.node("lb", NodeKind::Resource("aws_lb".into()));
    let interface = n.interface(lb, InterfaceKind::LoadBalancer, public, Some(&[balancer]));
    n.n.interfaces[interface.index()].public = Tri::Yes;
    let (web, db) = (n.host("web", private, &[web]), n.host("db", private, &[data]));
    n.relay(lb, 443, web, 8080);
    (n, [internet, lb, web, db])
}

fn all_ways(n: &Net, a: NodeId, b: NodeId) -> Reach {
    Engine::new(&n.n).reach(a, b, Ways::ALL)
}

#[test]
fn a_load_balancer_passes_on_to_its_targets_and_no_further() {
    let (n, [internet, lb, web, db]) = site();
    let reach = all_ways(&n, internet, web);
    assert_eq!(reach.get(V4, Completes, May).to_string(), "tcp 8080");
    assert_eq!(reach.get(V4, Completes, Must).to_string(), "tcp 8080");
    assert_eq!(delivers(&n.n, internet, web), "nothing", "over the network alone");
    assert_eq!(all_ways(&n, internet, lb).get(V4, Completes, Must).to_string(), "tcp 443");
    assert!(all_ways(&n, internet, db).is_empty(), "what web does is not a relay");
    assert_eq!(completes(&n.n, web, db), "tcp 5432");
}

#[test]
fn a_relay_that_nobody_can_reach_passes_nothing_on() {
    let (mut n, [internet, lb, web, _]) = site();
    n.of(lb).public = Tri::No;
    assert!(all_ways(&n, internet, web).is_empty());
    let (mut n, [internet, _, web, _]) = site();
    n.n.relays[0].accepts = Some((Protocol::Number(6), Ports { from: 80, to: 80 }));
    assert!(all_ways(&n, internet, web).is_empty(), "it accepts on another port");
}

#[test]
fn relays_are_followed_transitively() {
    let (mut n, [internet, _, web, db]) = site();
    n.relay(web, 8080, db, 5432);
    let reach = all_ways(&n, internet, db);
    assert_eq!(reach.get(V4, Completes, Must).to_string(), "tcp 5432");
    let doubt = n.doubt("perhaps");
    n.n.relays[0].presence = Presence::Maybe(doubt);
    let reach = all_ways(&n, internet, db);
    assert_eq!(reach.get(V4, Completes, May).to_string(), "tcp 5432");
    assert_eq!(reach.get(V4, Completes, Must).to_string(), "nothing");
}

#[test]
fn where_the_client_is_kept_the_target_filters_the_client() {
    let (mut n, [internet, _, web, _]) = site();
    n.n.relays[0].keeps_client = Tri::Yes;
    let must = |n: &Net| all_ways(n, internet, web).get(V4, Completes, Must).to_string();
    assert_eq!(must(&n), "tcp 8080", "the balancer's group counts as well");
    let narrow = n.group(VpcId(0), vec![tcp(8080, "10.0.1.0/24")], vec![]);
    n.of(web).groups = Some(vec![(narrow, Presence::Sure)]);
    assert_eq!(must(&n), "nothing", "its addresses do not");
}

#[test]
fn an_endpoint_passes_on_to_its_service() {
    let (mut n, [_, _, web, _]) = site();
    let sqs = n.service("sqs");
    let endpoint = n.node("endpoint", NodeKind::Resource("aws_vpc_endpoint".into()));
    let g = n.group(VpcId(0), vec![tcp(443, "10.0.2.0/24")], vec![]);
    n.interface(endpoint, InterfaceKind::Endpoint, SubnetId(1), Some(&[g]));
    let relay = n.relay(endpoint, 443, sqs, 443);
    relay.direct = true;
    let reach = all_ways(&n, web, sqs);
    assert_eq!(reach.get(V4, Completes, Must).to_string(), "tcp 443");
    assert!(Engine::new(&n.n).reach(web, sqs, Ways::NETWORK).is_empty());
}

/// "Client IP preservation has no effect on inbound traffic from AWS PrivateLink."
#[test]
fn by_private_link_the_target_sees_the_balancer() {
    let (mut n, [_, lb, web, db]) = site();
    let w = n.vpc("w", &["10.1.0.0/16"]);
    let far = n.subnet(w, &["10.1.1.0/24"], "eu-west-1a");
    let open = n.group(w.0, vec![all("0.0.0.0/0")], vec![all("0.0.0.0/0")]);
    let client = n.host("client", far, &[open]);
    let endpoint = n.node("endpoint", NodeKind::Resource("aws_vpc_endpoint".into()));
    n.interface(endpoint, InterfaceKind::Endpoint, far, Some(&[open]));
    n.relay(endpoint, 443, lb, 443).direct = true;
    n.n.relays[0].keeps_client = Tri::Yes;
    let answers = |n: &Net, from: NodeId| {
        let reach = all_ways(n, from, web);
        [May, Must].map(|b| reach.get(V4, Completes, b).to_string())
    };
    // The balancer's addresses are let in, the client's are not.
    let narrow = n.group(VpcId(0), vec![tcp(8080, "10.0.1.0/24")], vec![]);
    n.of(web).groups = Some(vec![(narrow, Presence::Sure)]);
    assert_eq!(answers(&n, client), ["tcp 8080", "tcp 8080"]);
    let ask = Ask {
        from: client,
        to: web,
        family: V4,
        question: Completes,
        bound: Must,
        ways: Ways::ALL,
        within: None,
    };
    let witness = Engine::new(&n.n).witness(&ask).unwrap();
    let ends: Vec<_> = witness.connections.iter().map(|c| (c.from, c.to)).collect();
    assert_eq!(ends, [(client, endpoint), (endpoint, lb), (lb, web)]);
    // The client's addresses are let in, which nobody sees.
    let narrow = n.group(VpcId(0), vec![tcp(8080, "10.1.1.0/24")], vec![]);
    n.of(web).groups = Some(vec![(narrow, Presence::Sure)]);
    assert_eq!(answers(&n, client), ["nothing", "nothing"]);
    // Who comes to the balancer directly is seen.
    let narrow = n.group(VpcId(0), vec![tcp(8080, "10.0.2.0/24")], vec![]);
    n.of(web).groups = Some(vec![(narrow, Presence::Sure)]);
    n.of(db).groups = Some(vec![(GroupId(0), Presence::Sure)]);
    assert_eq!(answers(&n, db), ["tcp 8080", "tcp 8080"]);
    assert_eq!(answers(&n, client), ["nothing", "nothing"]);
}

#[test]
fn all_pairs_are_the_pairs_one_by_one() {
    let (mut n, _) = site();
    let g = GroupId(1);
    for _ in 0..3 {
        n.host("web again", SubnetId(1), &[g]);
    }
    let engine = Engine::new(&n.n);
    for ways in [Ways::ALL, Ways::NETWORK, Ways::PRIVATE] {
        let all = engine.reach_all(ways);
        let nodes = (0..n.n.nodes.len() as u32).map(NodeId);
        for (a, b) in nodes.clone().flat_map(|a| nodes.clone().map(move |b| (a, b))) {
            let one = engine.reach(a, b, ways);
            match all.get(a, b) {
                Some(reach) if a != b => assert_eq!(*reach, one, "{a:?} {b:?} {ways:?}"),
                Some(_) => {}
                None => assert!(one.is_empty(), "{a:?} {b:?} {ways:?}"),
            }
        }
        assert!(all.classes.len() < n.n.nodes.len(), "equal hosts are one class");
    }
}

#[test]
fn what_is_not_understood_may_carry_everything_that_groups_allow() {
    let (mut n, [_, lb, _, db]) = site();
    let w = n.vpc("w", &["10.1.0.0/16"]);
    let t = n.subnet(w, &["10.1.1.0/24"], "eu-west-1a");
    let g = n.group(w.0, vec![tcp(80, "10.0.0.0/16")], vec![]);
    let c = n.host("c", t, &[g]);
    assert!(all_ways(&n, lb, c).is_empty());
    let item = n.item("aws_vpclattice_service_network.x");
    let (why, vpcs) = ("may connect VPCs".into(), vec![VpcId(0), w.0]);
    n.n.unsupported.push(Unsupported { item, why, vpcs });
    let reach = all_ways(&n, lb, c);
    assert_eq!(reach.get(V4, Completes, May).to_string(), "tcp 80");
    assert_eq!(reach.get(V4, Completes, Must).to_string(), "nothing");
    assert!(all_ways(&n, db, c).is_empty(), "the database may send nothing");
    assert_eq!(Engine::new(&n.n).open().len(), 1);
}

#[test]
fn an_entry_from_the_internet_is_open_to_it() {
    let (mut n, [internet, _, _, db]) = site();
    n.relay(internet, 443, db, 5432).direct = true;
    let reach = all_ways(&n, internet, db);
    assert_eq!(reach.get(V4, Completes, Must).to_string(), "tcp 5432");
    let engine = Engine::new(&n.n);
    assert_eq!(engine.reach_all(Ways::ALL).get(internet, db), Some(&reach));
    let (question, bound, ways) = (Completes, Must, Ways::ALL);
    let ask = Ask { from: internet, to: db, family: V4, question, bound, ways, within: None };
    assert_eq!(engine.witness(&ask).unwrap().connections.len(), 1);
}
