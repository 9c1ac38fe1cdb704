//! Data sources that find objects of the world: one of a type, or the ids of several.

use groma_value::schema::Block;
use groma_value::{Name, Value, convert};

use super::{Source, answer};
use crate::fill::text_of;
use crate::refuse::{Done, Refusal};
use crate::services;
use crate::world::GLOBAL;

/// The resource type whose objects a data source finds, and whether it finds several.
pub(super) fn target(data: &str) -> Option<(String, bool)> {
    let known = |ty: &str| crate::schemas::resource(ty).is_some();
    let renamed = match data {
        "aws_alb" => "aws_lb",
        "aws_ec2_managed_prefix_lists" => return Some(("aws_ec2_managed_prefix_list".into(), true)),
        "aws_iam_roles" => return Some(("aws_iam_role".into(), true)),
        "aws_network_acls" => return Some(("aws_network_acl".into(), true)),
        "aws_kms_secrets" => return None,
        other => other,
    };
    if known(renamed) {
        return Some((renamed.to_owned(), false));
    }
    let singular = renamed.strip_suffix('s')?;
    known(singular).then(|| (singular.to_owned(), true))
}

/// Finds what the configuration describes.
pub(super) fn find(s: &mut Source<'_, '_>, ty: &str, many: bool) -> Done<Value> {
    let (target, block, config) = (ty.to_owned(), s.block, s.config);
    let region = if services::is_global(&target) { GLOBAL.to_owned() } else { s.place.region.clone() };
    let mut found = Vec::new();
    for account in s.tx.accounts() {
        for (k, o) in s.tx.of(account, &region, &target) {
            if let Some(v) = o.value(&k.ty)
                && fits(block, config, v)
            {
                found.push(v.clone());
            }
        }
    }
    let label = services::label(&target);
    if many {
        return Ok(several(s, &found));
    }
    match found.len() {
        0 => Err(Refusal::new("NotFound", format!("no matching {label} found in the sandbox"))),
        1 => Ok(copied(block, config, &found[0])),
        n => Err(Refusal::new(
            "TooManyResults",
            format!(
                "multiple {label}s matched ({n}); use additional constraints to reduce matches to a single {label}"
            ),
        )),
    }
}

/// Whether an object is what a configuration asks for.
fn fits(block: &Block, config: &Value, object: &Value) -> bool {
    let own: Vec<String> =
        ["id", "arn", "name", "identifier", "key_id", "url", "cluster_identifier", "alias"]
            .iter()
            .filter_map(|n| object.get_attr(n).as_ref().and_then(text_of))
            .collect();
    for n in block.attributes.keys() {
        let Some(wanted) = config.get_attr(n).filter(|v| !v.is_null() && v.is_known()) else { continue };
        match &**n {
            "tags" => {
                let tags = object.get_attr("tags_all").or_else(|| object.get_attr("tags"));
                let has =
                    |k: &Name, v: &Value| tags.as_ref().and_then(|t| t.get_attr(k)).is_some_and(|t| t == *v);
                if wanted.as_fields().is_some_and(|f| f.iter().any(|(k, v)| !has(k, v))) {
                    return false;
                }
            }
            // How to look, not what for.
            "most_recent"
            | "owners"
            | "include_deprecated"
            | "with_decryption"
            | "private_zone"
            | "most_specific"
            | "allow_unsupported_engine" => {}
            "default" => {}
            _ => {
                let Some(wanted) = text_of(&wanted) else { continue };
                let there = object.get_attr(n).as_ref().and_then(text_of);
                let named = ["name", "id", "identifier", "arn", "bucket"].iter().any(|s| n.ends_with(s));
                if there.as_deref() != Some(&wanted) && !(named && own.contains(&wanted)) {
                    return false;
                }
            }
        }
    }
    let filters = config.get_attr("filter");
    filters.as_ref().and_then(Value::as_elements).unwrap_or_default().iter().all(|f| filter(f, object))
}

/// One `filter` block.
fn filter(f: &Value, object: &Value) -> bool {
    let text = |n: &str| f.get_attr(n).as_ref().and_then(text_of).unwrap_or_default();
    let values: Vec<String> = f
        .get_attr("values")
        .as_ref()
        .and_then(Value::as_elements)
        .unwrap_or_default()
        .iter()
        .filter_map(text_of)
        .collect();
    let name = text("name");
    let there = if let Some(tag) = name.strip_prefix("tag:") {
        let tags = object.get_attr("tags_all");
        tags.and_then(|t| t.get_attr(tag)).as_ref().and_then(text_of)
    } else {
        let attr = match name.as_str() {
            "cidr" | "cidrBlock" => "cidr_block".to_owned(),
            "group-name" | "prefix-list-name" => "name".to_owned(),
            "group-id"
            | "prefix-list-id"
            | "route-table-id"
            | "subnet-id"
            | "internet-gateway-id"
            | "nat-gateway-id"
            | "transit-gateway-id"
                if object.get_attr(&name.replace('-', "_")).is_none() =>
            {
                "id".to_owned()
            }
            "vpc-id" if object.get_attr("vpc_id").is_none() => "id".to_owned(),
            "attachment.vpc-id" => "vpc_id".to_owned(),
            "availability-zone" | "availabilityZone" => "availability_zone".to_owned(),
            "isDefault" | "is-default" => "default".to_owned(),
            // All objects of the sandbox are in order.
            "state" | "status" | "instance-state-name" => return true,
            other => other.replace('-', "_"),
        };
        object.get_attr(&attr).as_ref().and_then(text_of)
    };
    there.is_some_and(|t| values.iter().any(|v| wild(v, &t)))
}

fn wild(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
            (0..=rest.len()).filter(|i| rest.is_char_boundary(*i)).any(|i| wild(tail, &rest[i..]))
        }),
    }
}

/// The data source's value of an object: what it shares with the resource.
fn copied(block: &Block, config: &Value, object: &Value) -> Value {
    let mut set = Vec::new();
    for (n, a) in &block.attributes {
        let source = match &**n {
            "tags" => object.get_attr("tags_all").or_else(|| object.get_attr("tags")),
            "db_instance_identifier" => object.get_attr("identifier"),
            "cluster_name" if object.get_attr("cluster_name").is_none() => object.get_attr("name"),
            "service_name" if object.get_attr("service_name").is_none() => object.get_attr("name"),
            "arn" => object.get_attr("arn").or_else(|| object.get_attr("id")),
            "status" => Some(Value::string("ACTIVE")),
            "state" => object.get_attr("state").or_else(|| Some(Value::string("available"))),
            n => object.get_attr(n),
        };
        if let Some(v) = source.and_then(|v| convert(&v, &a.ty).ok()).filter(|v| !v.is_null()) {
            set.push((n.clone(), v));
        }
    }
    // Blocks of the resource are attributes of the data source, if it has them.
    answer(block, config, set)
}

fn several(s: &mut Source<'_, '_>, found: &[Value]) -> Value {
    let all = |n: &str| -> Value {
        let items = found.iter().filter_map(|v| v.get_attr(n).filter(|v| v.as_str().is_some())).collect();
        Value::list(groma_value::Type::String, items)
    };
    let mut set = Vec::new();
    for (n, a) in &s.block.attributes {
        let of = match &**n {
            "ids" => all("id"),
            "arns" => all("arn"),
            "names" => all("name"),
            "instance_identifiers" => all("identifier"),
            "instance_arns" | "cluster_arns" => all("arn"),
            "cluster_identifiers" => all("cluster_identifier"),
            "private_ips" => all("private_ip"),
            "public_ips" => all("public_ip"),
            "allocation_ids" => all("id"),
            _ => continue,
        };
        if let Ok(v) = convert(&of, &a.ty) {
            set.push((n.clone(), v));
        }
    }
    set.push((Name::from("id"), Value::string(&s.place.region)));
    answer(s.block, s.config, set)
}
