//! What AWS does beside the object itself: the default objects of a VPC, the instances of an
//! autoscaling group, what stays after a deletion.

use std::collections::BTreeMap;

use groma_value::schema::Block;
use groma_value::{Fields, Value};
use sha2::{Digest, Sha256};

use crate::fill::{Fill, Place, text_of};
use crate::refuse::{Done, Refusal};
use crate::schemas;
use crate::world::{Key, Stored, Tx};

/// The note on what AWS made by itself, which no resource stands for.
pub(crate) const DEFAULT: &str = "default";
/// The note on an instance of an autoscaling group: its name.
pub(crate) const GROUP: &str = "group";
/// The type of records of names that are still taken after a deletion.
const KEPT: &str = "_kept";

/// Whether a second object of one id is the same one: adopted, or settings of another object that
/// are written over.
pub(crate) fn may_exist(ty: &str, object: &Value) -> bool {
    ty.starts_with("aws_default_") || crate::refuse::overwrites(object) || text(object, "name").is_empty()
}

/// The id by which S3 knows an account.
pub(crate) fn canonical_user(place: &Place) -> String {
    crate::text::hex(&Sha256::digest(format!("canonical {}", place.account).as_bytes()))
}

fn text(v: &Value, name: &str) -> String {
    v.get_attr(name).as_ref().and_then(text_of).unwrap_or_default()
}

fn key(place: &Place, ty: &str, id: &str) -> Key {
    Key { account: place.account.clone(), region: place.region.clone(), ty: ty.into(), id: id.into() }
}

/// Makes an object of some attributes; the others are filled in as for any other.
fn make(tx: &mut Tx<'_>, place: &Place, ty: &str, id: &str, set: &[(&str, Value)], note: (&str, &str)) {
    let Some(schema) = schemas::resource(ty) else { return };
    let planned = partly(&schema.block, set);
    let null = Value::Null(planned.ty());
    let mut fill = Fill::new(tx, place, ty, &schema.block, &planned, &null);
    fill.set("id", Value::string(id));
    let object = fill.object();
    let notes = BTreeMap::from([(note.0.to_owned(), note.1.to_owned())]);
    tx.put(key(place, ty, id), Stored::new(object, notes));
}

/// A planned object of a block: what is given, and unknowns for what the provider computes.
fn partly(block: &Block, set: &[(&str, Value)]) -> Value {
    let mut fields: Fields = block.empty_value().as_fields().cloned().unwrap_or_default();
    for (n, a) in block.attributes.iter().filter(|(_, a)| a.computed) {
        fields.insert(n.clone(), Value::unknown(a.ty.clone()));
    }
    for (n, v) in set {
        fields.insert(*n, v.clone());
    }
    Value::object(fields)
}

/// The region's default VPC, made when first asked for.
pub(crate) fn default_vpc(tx: &mut Tx<'_>, place: &Place) -> Option<String> {
    let found = tx
        .of(&place.account, &place.region, "aws_vpc")
        .find(|(_, o)| o.notes.get(DEFAULT).is_some_and(|n| n == "vpc"))
        .map(|(k, _)| k.id.clone());
    if found.is_some() {
        return found;
    }
    let id = format!("vpc-{}", crate::template::random_word("x", || tx.random())?);
    let cidr = ("cidr_block", Value::string("172.31.0.0/16"));
    make(tx, place, "aws_vpc", &id, &[cidr, ("enable_dns_hostnames", Value::Bool(true))], (DEFAULT, "vpc"));
    let object = tx.get(&key(place, "aws_vpc", &id))?.value("aws_vpc")?.clone();
    make_vpc_defaults(tx, place, &id, &object);
    for (i, zone) in ["a", "b", "c"].iter().enumerate() {
        let subnet = format!("subnet-{}", crate::template::random_word("x", || tx.random())?);
        let set = [
            ("vpc_id", Value::string(&id)),
            ("cidr_block", Value::string(format!("172.31.{}.0/20", i * 16))),
            ("availability_zone", Value::string(format!("{}{zone}", place.region))),
            ("map_public_ip_on_launch", Value::Bool(true)),
        ];
        make(tx, place, "aws_subnet", &subnet, &set, (DEFAULT, "subnet"));
    }
    Some(id)
}

/// A public zone that the sandbox owns because it was asked for.
pub(crate) fn own_zone(tx: &mut Tx<'_>, place: &Place, name: &str, id: &str) {
    let global = Place { account: place.account.clone(), region: crate::world::GLOBAL.into() };
    let set = [("name", Value::string(name)), ("comment", Value::string(""))];
    make(tx, &global, "aws_route53_zone", id, &set, (DEFAULT, "zone"));
}

/// A subnet of the default VPC.
pub(crate) fn default_subnet(tx: &mut Tx<'_>, place: &Place) -> Option<String> {
    default_vpc(tx, place)?;
    let mut all = tx.of(&place.account, &place.region, "aws_subnet");
    all.find(|(_, o)| o.notes.contains_key(DEFAULT)).map(|(k, _)| k.id.clone())
}

/// The security group, network ACL and route table that every VPC has.
fn make_vpc_defaults(tx: &mut Tx<'_>, place: &Place, id: &str, vpc: &Value) {
    let vpc_id = || ("vpc_id", Value::string(id));
    let group = [
        vpc_id(),
        ("name", Value::string("default")),
        ("description", Value::string("default VPC security group")),
    ];
    let note = (DEFAULT, id);
    make(tx, place, "aws_security_group", &text(vpc, "default_security_group_id"), &group, note);
    make(tx, place, "aws_network_acl", &text(vpc, "default_network_acl_id"), &[vpc_id()], note);
    make(tx, place, "aws_route_table", &text(vpc, "default_route_table_id"), &[vpc_id()], note);
}

fn of_group(tx: &Tx<'_>, place: &Place, group: &str) -> Vec<Key> {
    tx.of(&place.account, &place.region, "aws_instance")
        .filter(|(_, o)| o.notes.get(GROUP).is_some_and(|g| g == group))
        .map(|(k, _)| k.clone())
        .collect()
}

/// Starts or ends instances until a group has as many as it should.
pub(crate) fn scale_group(tx: &mut Tx<'_>, place: &Place, group: &Value) {
    let name = text(group, "name");
    let wanted: usize = text(group, "desired_capacity").parse().unwrap_or(0);
    let mut have = of_group(tx, place, &name);
    while have.len() > wanted {
        if let Some(key) = have.pop() {
            tx.delete(&key);
        }
    }
    let mut template = Vec::new();
    for path in [
        "launch_template.id",
        "launch_template.name",
        "mixed_instances_policy.launch_template.launch_template_specification.launch_template_id",
    ] {
        crate::refuse::at_path(group, path, &mut template);
    }
    let template = template.iter().find_map(|t| tx.named(place, t));
    let of_template = |n: &str| template.as_ref().map(|t| text(t, n)).unwrap_or_default();
    let mut subnets = Vec::new();
    crate::refuse::at_path(group, "vpc_zone_identifier", &mut subnets);
    let mut tags = BTreeMap::from([("aws:autoscaling:groupName".to_owned(), Value::string(&name))]);
    for tag in group.get_attr("tag").as_ref().and_then(Value::as_elements).unwrap_or_default() {
        if tag.get_attr("propagate_at_launch").and_then(|v| v.as_bool()) == Some(true) {
            tags.insert(text(tag, "key"), Value::string(text(tag, "value")));
        }
    }
    let tags = Value::map(groma_value::Type::String, tags.iter().map(|(k, v)| (k.as_str(), v.clone())));
    let groups = template
        .as_ref()
        .and_then(|t| t.get_attr("vpc_security_group_ids"))
        .filter(|v| !v.is_null())
        .unwrap_or_else(|| Value::set(groma_value::Type::String, Vec::new()));
    for i in have.len()..wanted {
        let Some(x) = crate::template::random_word("x", || tx.random()) else { return };
        let mut set = vec![
            ("ami", Value::string(of_template("image_id"))),
            ("instance_type", Value::string(of_template("instance_type"))),
            ("tags", tags.clone()),
            ("tags_all", tags.clone()),
            ("vpc_security_group_ids", groups.clone()),
        ];
        if let Some(subnet) = subnets.get(i % subnets.len().max(1)) {
            set.push(("subnet_id", Value::string(subnet)));
        }
        make(tx, place, "aws_instance", &format!("i-{x}"), &set, (GROUP, &name));
    }
}

/// Values that are more than a template.
pub(crate) fn fill(fill: &mut Fill<'_, '_>) -> Done<()> {
    // A group keeps its number between the smallest and the largest.
    if fill.ty == "aws_autoscaling_group" {
        let mut number = |n: &str| fill.text(n).and_then(|t| t.parse::<i64>().ok());
        if let (Some(least), Some(most), Some(wanted)) =
            (number("min_size"), number("max_size"), number("desired_capacity"))
            && least <= most
        {
            fill.set("desired_capacity", Value::int(wanted.clamp(least, most)));
        }
    }
    // The resources that adopt what a VPC came with share its attributes.
    if fill.ty == "aws_default_vpc" && fill.prior.is_null() {
        let id = default_vpc(fill.tx, fill.place);
        if let Some(vpc) = id.and_then(|id| fill.named(&id)) {
            for n in [
                "id",
                "cidr_block",
                "default_network_acl_id",
                "default_route_table_id",
                "default_security_group_id",
            ] {
                if let Some(v) = vpc.get_attr(n) {
                    fill.set(n, v);
                }
            }
        }
    }
    Ok(())
}

/// Further refusals of a new object.
pub(crate) fn before_create(tx: &mut Tx<'_>, place: &Place, new: &Key, object: &Value) -> Done<()> {
    one_network(tx, place, object)?;
    match new.ty.as_str() {
        "aws_lb" | "aws_alb" if text(object, "load_balancer_type") == "application" => {
            let mut subnets = Vec::new();
            crate::refuse::at_path(object, "subnets", &mut subnets);
            if zones_of(tx, place, &subnets) < 2 {
                return Err(Refusal::new(
                    "ValidationError",
                    "At least two subnets in two different Availability Zones must be specified",
                ));
            }
        }
        "aws_db_subnet_group" => {
            let mut subnets = Vec::new();
            crate::refuse::at_path(object, "subnet_ids", &mut subnets);
            if zones_of(tx, place, &subnets) < 2 {
                return Err(Refusal::new(
                    "DBSubnetGroupDoesNotCoverEnoughAZs",
                    "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: one. Add subnets to cover at least 2 AZs.",
                ));
            }
        }
        "aws_subnet" => subnet_fits(tx, place, new, object)?,
        "aws_secretsmanager_secret" => name_is_free(tx, place, &new.ty, &text(object, "name"))?,
        ty if ty.starts_with("aws_default_") && new.id.is_empty() => {
            return Err(Refusal::new("InvalidParameterValue", "there is nothing to adopt"));
        }
        _ => {}
    }
    Ok(())
}

/// In how many zones subnets lie.
fn zones_of(tx: &Tx<'_>, place: &Place, subnets: &[String]) -> usize {
    let zones = subnets.iter().filter_map(|s| tx.named(place, s)).map(|s| text(&s, "availability_zone"));
    zones.collect::<std::collections::BTreeSet<_>>().len()
}

/// What has subnets and security groups has them in one network.
fn one_network(tx: &Tx<'_>, place: &Place, object: &Value) -> Done<()> {
    const SUBNETS: [&str; 8] = [
        "subnet_id",
        "subnet_ids",
        "subnets",
        "vpc_config.subnet_ids",
        "network_configuration.subnets",
        "subnet_mapping.subnet_id",
        "broker_node_group_info.client_subnets",
        "network_interface.subnet_id",
    ];
    const GROUPS: [&str; 6] = [
        "vpc_security_group_ids",
        "security_groups",
        "security_group_ids",
        "vpc_config.security_group_ids",
        "network_configuration.security_groups",
        "broker_node_group_info.security_groups",
    ];
    let all = |paths: &[&str]| {
        let mut found = Vec::new();
        paths.iter().for_each(|p| crate::refuse::at_path(object, p, &mut found));
        found
    };
    let (subnets, groups) = (all(&SUBNETS), all(&GROUPS));
    let vpc = |id: &String| tx.named(place, id).map(|v| text(&v, "vpc_id")).filter(|v| !v.is_empty());
    let Some((subnet, home)) = subnets.iter().find_map(|s| Some((s, vpc(s)?))) else { return Ok(()) };
    for group in &groups {
        if let Some(other) = vpc(group).filter(|v| *v != home) {
            let why = format!(
                "Security group {group} ({other}) and subnet {subnet} ({home}) belong to different networks."
            );
            return Err(Refusal::new("InvalidParameter", why));
        }
    }
    Ok(())
}

/// A subnet lies in its VPC and beside the others.
fn subnet_fits(tx: &Tx<'_>, place: &Place, new: &Key, object: &Value) -> Done<()> {
    let cidr = text(object, "cidr_block");
    let Ok(net) = cidr.parse::<ipnet::Ipv4Net>() else { return Ok(()) };
    let vpc_id = text(object, "vpc_id");
    let mut ranges = Vec::new();
    for (k, o) in tx.all().filter(|(k, _)| k.region == place.region) {
        let Some(v) = o.value(&k.ty) else { continue };
        match k.ty.as_str() {
            "aws_vpc" if k.id == vpc_id => ranges.push(text(v, "cidr_block")),
            "aws_vpc_ipv4_cidr_block_association" if text(v, "vpc_id") == vpc_id => {
                ranges.push(text(v, "cidr_block"));
            }
            "aws_subnet" if k.id != new.id && text(v, "vpc_id") == vpc_id => {
                let other = text(v, "cidr_block");
                let overlaps = other
                    .parse::<ipnet::Ipv4Net>()
                    .is_ok_and(|o| o.contains(&net.network()) || net.contains(&o.network()));
                if overlaps {
                    let why =
                        format!("The CIDR '{cidr}' conflicts with another subnet ({} has {other})", k.id);
                    return Err(Refusal::new("InvalidSubnet.Conflict", why));
                }
            }
            _ => {}
        }
    }
    let inside = ranges.iter().filter_map(|r| r.parse::<ipnet::Ipv4Net>().ok()).any(|r| r.contains(&net));
    if !inside || !(16..=28).contains(&net.prefix_len()) {
        let why = format!(
            "The CIDR '{cidr}' is invalid. It must be a /16 to /28 within the range of {vpc_id} ({})",
            ranges.join(", ")
        );
        return Err(Refusal::new("InvalidSubnet.Range", why));
    }
    Ok(())
}

fn kept(place: &Place, ty: &str, name: &str) -> Key {
    key(place, KEPT, &format!("{ty}/{name}"))
}

fn name_is_free(tx: &Tx<'_>, place: &Place, ty: &str, name: &str) -> Done<()> {
    let Some(record) = tx.get(&kept(place, ty, name)) else { return Ok(()) };
    let until: i64 = record.notes.get("until").and_then(|u| u.parse().ok()).unwrap_or(0);
    if tx.now() >= until {
        return Ok(());
    }
    Err(Refusal::new(
        "InvalidRequestException",
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
    ))
}

/// What comes with a new object.
pub(crate) fn after_create(tx: &mut Tx<'_>, place: &Place, new: &Key, object: &Value) -> Done<()> {
    match new.ty.as_str() {
        "aws_vpc" => make_vpc_defaults(tx, place, &new.id, object),
        "aws_autoscaling_group" => scale_group(tx, place, object),
        _ => {}
    }
    Ok(())
}

/// Further refusals of a change.
pub(crate) fn before_update(_: &mut Tx<'_>, _: &Place, _: &Key, _: &Value, _: &Value) -> Done<()> {
    Ok(())
}

/// What comes with a change.
pub(crate) fn after_update(tx: &mut Tx<'_>, place: &Place, changed: &Key, object: &Value) -> Done<()> {
    if changed.ty == "aws_autoscaling_group" {
        scale_group(tx, place, object);
    }
    Ok(())
}

/// Further refusals of a deletion.
pub(crate) fn before_delete(tx: &mut Tx<'_>, place: &Place, old: &Key, object: &Value) -> Done<()> {
    match old.ty.as_str() {
        "aws_autoscaling_group" => {
            for instance in of_group(tx, place, &text(object, "name")) {
                tx.delete(&instance);
            }
        }
        "aws_db_instance" | "aws_rds_cluster" | "aws_docdb_cluster" | "aws_neptune_cluster" => {
            let skip = text(object, "skip_final_snapshot") == "true";
            if !skip && text(object, "final_snapshot_identifier").is_empty() {
                return Err(Refusal::new(
                    "InvalidParameterCombination",
                    "final_snapshot_identifier is required when skip_final_snapshot is false",
                ));
            }
        }
        "aws_internet_gateway" => addresses_unmapped(tx, place, &text(object, "vpc_id"))?,
        "aws_s3_bucket" if text(object, "force_destroy") == "true" => {
            let inside: Vec<Key> = tx
                .all()
                .filter(|(k, o)| {
                    matches!(k.ty.as_str(), "aws_s3_object" | "aws_s3_bucket_object")
                        && o.value(&k.ty).is_some_and(|v| text(v, "bucket") == old.id)
                })
                .map(|(k, _)| k.clone())
                .collect();
            inside.iter().for_each(|k| tx.delete(k));
        }
        _ => {}
    }
    Ok(())
}

/// An internet gateway stays while its VPC has public addresses.
fn addresses_unmapped(tx: &Tx<'_>, place: &Place, vpc: &str) -> Done<()> {
    let in_vpc = |subnet: &str| tx.named(place, subnet).is_some_and(|s| text(&s, "vpc_id") == vpc);
    let holder = tx.all().filter(|(k, _)| k.region == place.region).find(|(k, o)| {
        let Some(v) = o.value(&k.ty) else { return false };
        match k.ty.as_str() {
            "aws_nat_gateway" => text(v, "connectivity_type") != "private" && in_vpc(&text(v, "subnet_id")),
            "aws_instance" => !text(v, "public_ip").is_empty() && in_vpc(&text(v, "subnet_id")),
            "aws_lb" => text(v, "internal") == "false" && text(v, "vpc_id") == vpc,
            _ => false,
        }
    });
    match holder {
        Some((k, _)) if !vpc.is_empty() => Err(Refusal::passing(
            "DependencyViolation",
            format!(
                "Network {vpc} has some mapped public address(es) ({} {}). Please unmap those public address(es) before detaching the gateway.",
                k.ty, k.id
            ),
        )),
        _ => Ok(()),
    }
}

/// What goes or stays with a deletion.
pub(crate) fn after_delete(tx: &mut Tx<'_>, place: &Place, old: &Key, object: &Value) -> Done<()> {
    match old.ty.as_str() {
        "aws_vpc" => {
            for (ty, n) in [
                ("aws_security_group", "default_security_group_id"),
                ("aws_network_acl", "default_network_acl_id"),
                ("aws_route_table", "default_route_table_id"),
            ] {
                tx.delete(&key(place, ty, &text(object, n)));
            }
        }
        "aws_secretsmanager_secret" => {
            let days: i64 = text(object, "recovery_window_in_days").parse().unwrap_or(30);
            if days > 0 {
                let until = tx.now() + days * 86_400;
                let notes = BTreeMap::from([("until".to_owned(), until.to_string())]);
                let record = Stored::new(Value::empty_object(), notes);
                tx.put(kept(place, &old.ty, &text(object, "name")), record);
            }
        }
        _ => {}
    }
    Ok(())
}
