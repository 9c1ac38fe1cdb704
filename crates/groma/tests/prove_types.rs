//! No type of the AWS provider that may be in a VPC is forgotten: whatever its schema lets one set
//! of subnets, security groups and VPCs, proofs read it or name it. About 5 s.

use groma_prove::model::Network;
use groma_prove::world::{Object, World};
use groma_prove::{extract, world::Location};
use groma_provider::Schemas;
use groma_sandbox::Embedded;
use groma_value::addr::{Key, ModuleInstance, Resource, ResourceInstance};
use groma_value::schema::{Attribute, Block, Nesting};
use groma_value::{Type, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Types that name places and neither carry nor accept anything by it, with why.
const NOTHING: [(&str, &str); 32] = [
    ("aws_alb_target_group", "its targets are registered"),
    ("aws_cloudfront_distribution", "VPC origins are resources of their own"),
    ("aws_cloudhsm_v2_hsm", "its cluster is read"),
    ("aws_dax_subnet_group", "its members are read"),
    ("aws_db_option_group", "its databases are read"),
    ("aws_db_subnet_group", "its members are read"),
    ("aws_dms_replication_subnet_group", "its members are read"),
    ("aws_docdb_subnet_group", "its members are read"),
    ("aws_ec2_client_vpn_route", "the subnet's routes count"),
    ("aws_ec2_subnet_cidr_reservation", "a reservation has no interface"),
    ("aws_elasticache_subnet_group", "its members are read"),
    ("aws_flow_log", "it looks on"),
    ("aws_launch_configuration", "what launches from it is read"),
    ("aws_launch_template", "what launches from it is read"),
    ("aws_lb_target_group", "its targets are registered"),
    ("aws_memorydb_subnet_group", "its members are read"),
    ("aws_neptune_subnet_group", "its members are read"),
    ("aws_networkmanager_connect_peer", "the attachment is read"),
    ("aws_networkmanager_device", "a description"),
    ("aws_redshift_endpoint_access", "its subnet group says where it is"),
    ("aws_redshift_endpoint_authorization", "a permission"),
    ("aws_redshift_subnet_group", "its members are read"),
    ("aws_route53_resolver_firewall_rule_group_association", "names only"),
    ("aws_route53_resolver_rule_association", "names only"),
    ("aws_route53_vpc_association_authorization", "names only"),
    ("aws_route53_zone", "names only"),
    ("aws_route53_zone_association", "names only"),
    ("aws_s3_access_point", "a permission"),
    ("aws_sagemaker_user_profile", "its domain is needed"),
    ("aws_vpc_dhcp_options_association", "names only"),
    ("aws_vpc_ipv6_cidr_block_association", "the subnets say which range it is"),
    ("aws_vpc_security_group_vpc_association", "interfaces say which groups they have"),
];

/// What an attribute of this name means, if it is a place.
fn place(name: &str) -> Option<&'static str> {
    let parts: Vec<&str> = name.split('_').collect();
    let last = parts.last().copied().unwrap_or("");
    let names = matches!(last, "id" | "ids" | "arn" | "arns" | "list" | "identifier" | "identifiers");
    let has = |words: &[&str]| parts.iter().any(|p| words.contains(p));
    let plural = |word: &str| name.ends_with(word);
    if has(&["subnet", "subnets"]) && (names || plural("subnet") || plural("subnets")) {
        Some("subnet-0a1b2c3d4e5f60718")
    } else if (name.contains("security_group") || name.contains("securitygroup")) && !has(&["name", "names"])
    {
        Some("sg-0a1b2c3d4e5f60718")
    } else if has(&["vpc", "vpcs"]) && names && !has(&["endpoint", "peering", "service", "connection"]) {
        Some("vpc-0a1b2c3d4e5f60718")
    } else {
        None
    }
}

/// A value of a type with a place in it; `None` where a text does not fit.
fn filled(ty: &Type, text: &str) -> Option<Value> {
    match ty {
        Type::String => Some(Value::string(text)),
        Type::List(t) | Type::Set(t) => Some(Value::tuple(vec![filled(t, text)?])),
        _ => None,
    }
}

/// What a type of objects lets one set of places.
fn of_type(ty: &Type) -> Option<Value> {
    match ty {
        Type::List(t) | Type::Set(t) => Some(Value::tuple(vec![of_type(t)?])),
        Type::Object(o) => {
            let fields = o.attrs.iter();
            let fields: Vec<_> = fields
                .filter_map(|(n, t)| {
                    let value = place(n).and_then(|p| filled(t, p)).or_else(|| of_type(t))?;
                    Some((n.clone(), value))
                })
                .collect();
            (!fields.is_empty()).then(|| Value::object(fields))
        }
        _ => None,
    }
}

fn of_attributes<'a>(
    attributes: impl Iterator<Item = (&'a Arc<str>, &'a Attribute)>,
) -> Vec<(Arc<str>, Value)> {
    attributes
        .filter(|(_, a)| a.required || a.optional)
        .filter_map(|(n, a)| {
            let nested = || {
                let nested = a.nested.as_ref()?;
                let fields = of_attributes(nested.attributes.iter());
                let value = (!fields.is_empty()).then(|| Value::object(fields))?;
                Some(match nested.nesting {
                    Nesting::Single => value,
                    _ => Value::tuple(vec![value]),
                })
            };
            let value = place(n).and_then(|p| filled(&a.ty, p)).or_else(nested).or_else(|| of_type(&a.ty))?;
            Some((n.clone(), value))
        })
        .collect()
}

/// A block with all the places that it may name.
fn of_block(block: &Block) -> Vec<(Arc<str>, Value)> {
    let mut fields = of_attributes(block.attributes.iter());
    for (name, b) in &block.blocks {
        let inner = of_block(&b.block);
        if inner.is_empty() {
            continue;
        }
        let value = Value::object(inner);
        let value = match b.nesting {
            Nesting::Single | Nesting::Group => value,
            _ => Value::tuple(vec![value]),
        };
        fields.push((name.clone(), value));
    }
    fields
}

fn object(ty: &str, fields: Vec<(Arc<str>, Value)>) -> Object {
    Object {
        root: "".into(),
        addr: ResourceInstance {
            module: ModuleInstance::root(),
            resource: Resource::managed(ty, "it"),
            key: Key::None,
        },
        location: Arc::new(Location { account: Some("1".into()), region: Some("eu-west-1".into()) }),
        values: Value::object(fields),
        place: None,
        exists: false,
    }
}

fn base() -> World {
    let text = |n: &str, v: &str| (Arc::<str>::from(n), Value::string(v));
    let vpc = || text("vpc_id", "vpc-0a1b2c3d4e5f60718");
    World {
        objects: vec![
            object("aws_vpc", vec![text("id", "vpc-0a1b2c3d4e5f60718"), text("cidr_block", "10.0.0.0/16")]),
            object(
                "aws_subnet",
                vec![text("id", "subnet-0a1b2c3d4e5f60718"), vpc(), text("cidr_block", "10.0.1.0/24")],
            ),
            object("aws_security_group", vec![text("id", "sg-0a1b2c3d4e5f60718"), vpc()]),
        ],
        open: Vec::new(),
    }
}

/// All of a network but the names of what was read.
fn parts(mut n: Network) -> Network {
    n.items.clear();
    n
}

/// The same shape, with every place unknown.
fn unknown(v: &Value) -> Value {
    match v.peel() {
        Value::Object(f) => Value::object(f.iter().map(|(n, x)| (n.clone(), unknown(x)))),
        Value::Tuple(_) if v.as_elements().unwrap().iter().all(|x| x.as_str().is_some()) => Value::dynamic(),
        Value::Tuple(_) => Value::tuple(v.as_elements().unwrap().iter().map(unknown).collect()),
        _ => Value::dynamic(),
    }
}

fn forgotten(change: impl Fn(Value) -> Value) -> BTreeMap<String, String> {
    let without = parts(extract(&base()));
    let mut forgotten: BTreeMap<String, String> = BTreeMap::new();
    let mut asked = 0;
    for ty in Embedded.resource_types() {
        let Some(schema) = Embedded.resource(&ty) else { continue };
        let mut fields = of_block(&schema.block);
        if fields.is_empty() {
            continue;
        }
        asked += 1;
        let names: Vec<String> = fields.iter().map(|(n, _)| n.to_string()).collect();
        for (_, v) in &mut fields {
            *v = change(std::mem::replace(v, Value::dynamic()));
        }
        fields.push(("id".into(), Value::string("an-id-of-its-own")));
        let mut world = base();
        world.objects.push(object(&ty, fields));
        if parts(extract(&world)) == without {
            forgotten.insert(ty, names.join(", "));
        }
    }
    assert!(asked > 150, "{asked}");
    forgotten
}

fn none(mut forgotten: BTreeMap<String, String>, listed: bool) {
    for (ty, why) in NOTHING {
        let was = forgotten.remove(ty).is_some();
        assert!(was || !listed, "{ty} ({why}) is read: take it off the list");
    }
    let list: Vec<String> = forgotten.iter().map(|(ty, names)| format!("{ty}: {names}")).collect();
    assert!(list.is_empty(), "neither read nor named:\n{}", list.join("\n"));
}

#[test]
fn whatever_may_be_in_a_vpc_is_read_or_named() {
    none(forgotten(|v| v), true);
}

#[test]
fn so_it_is_where_its_place_is_not_known() {
    none(forgotten(|v| unknown(&v)), false);
}
