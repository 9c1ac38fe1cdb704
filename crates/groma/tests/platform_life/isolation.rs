//! Environments that share a network share nothing else.

use super::help::*;
use std::collections::BTreeMap;

#[test]
fn no_way_from_one_staging_to_another() {
    let dir = shop();
    up(&dir, &["staging"]);
    up(&dir, &["-each=a", "branch"]);
    let environment =
        |o: &groma_sandbox::Object| o.tags.get("groma:environment").cloned().unwrap_or_default();
    let groups: BTreeMap<String, String> =
        of(&dir, "aws_security_group").iter().map(|g| (g.id.clone(), environment(g))).collect();
    assert!(groups.values().any(|e| e == "staging") && groups.values().any(|e| e == "branch-a"));

    let mut seen = 0;
    for ty in ["aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"] {
        for rule in of(&dir, ty) {
            let own = &groups[&text(&rule, "security_group_id")];
            let other = text(&rule, "referenced_security_group_id");
            if !other.is_empty() {
                let other = &groups[&other];
                // What is the network's, endpoints above all, is everybody's.
                assert!(own == other || own.is_empty() || other.is_empty(), "{own} -> {other}: {}", rule.id);
                seen += 1;
            }
            let cidr = text(&rule, "cidr_ipv4");
            let ports = rule.attributes.get_attr("from_port").map(|v| format!("{v:?}")).unwrap_or_default();
            // Addresses: the internet comes in to the load balancer only, and goes out
            // to HTTPS at most; the network's own addresses are in no rule.
            assert!(cidr.is_empty() || cidr == "0.0.0.0/0", "{own}: {cidr} {ports}");
        }
    }
    assert!(seen >= 8, "{seen}");
    for g in of(&dir, "aws_default_security_group") {
        for side in ["ingress", "egress"] {
            let rules = g.attributes.get_attr(side).expect("rules");
            assert_eq!(groma_value::json::to_json(&rules, &rules.ty()).expect("JSON"), serde_json::json!([]));
        }
    }

    // Databases are in subnets without a way out.
    let tables: Vec<_> = of(&dir, "aws_route_table");
    let default: Vec<String> = of(&dir, "aws_route")
        .iter()
        .filter(|r| text(r, "destination_cidr_block") == "0.0.0.0/0")
        .map(|r| text(r, "route_table_id"))
        .collect();
    assert!(!default.is_empty() && default.len() < tables.len());
    let mut data = 0;
    for group in of(&dir, "aws_db_subnet_group") {
        let ids = group.attributes.get_attr("subnet_ids").expect("subnets");
        let ids = groma_value::json::to_json(&ids, &ids.ty()).expect("JSON");
        for id in ids.as_array().expect("a list") {
            let found = of(&dir, "aws_route_table_association");
            let a =
                found.iter().find(|a| text(a, "subnet_id") == id.as_str().expect("an id")).expect("a table");
            assert!(!default.contains(&text(a, "route_table_id")), "{id} has a default route");
            data += 1;
        }
    }
    assert_eq!(data, 6);
}
