//! What a configuration leaves to the provider.

use super::combine::Identities;
use groma_state::State;
use groma_value::schema::{Block, Nesting};
use groma_value::value::Elements;
use groma_value::{Mark, Type, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Collections that resources of their own may decide: what a state has there is then what
/// such resources made of them, those included that are about to go.
const DECIDED_ELSEWHERE: [&str; 9] = [
    "ingress",
    "egress",
    "route",
    "propagating_vgws",
    "subnet_ids",
    "route_table_ids",
    "target_group_arns",
    "load_balancers",
    "instances",
];

/// Such resources, and the attribute that has the id of what they belong to.
const DECIDERS: [(&str, &str); 9] = [
    ("aws_security_group_rule", "security_group_id"),
    ("aws_vpc_security_group_ingress_rule", "security_group_id"),
    ("aws_vpc_security_group_egress_rule", "security_group_id"),
    ("aws_route", "route_table_id"),
    ("aws_vpn_gateway_route_propagation", "route_table_id"),
    ("aws_vpc_endpoint_subnet_association", "vpc_endpoint_id"),
    ("aws_vpc_endpoint_route_table_association", "vpc_endpoint_id"),
    ("aws_autoscaling_attachment", "autoscaling_group_name"),
    ("aws_elb_attachment", "elb"),
];

/// The ids of objects some of whose collections resources of their own decide, by a state.
/// What a configuration says no more of another object's collection stays as it is: AWS keeps
/// the rules of a group whose `ingress` is left out.
pub(crate) fn decided(state: &State) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for (addr, _, instance) in state.instances() {
        let Some((_, attribute)) = DECIDERS.iter().find(|(ty, _)| **ty == *addr.resource.ty) else {
            continue;
        };
        for o in instance.current.iter().chain(instance.deposed.values()) {
            let json: Option<serde_json::Value> = serde_json::from_str(&o.attributes).ok();
            out.extend(json.and_then(|j| j[*attribute].as_str().map(str::to_owned)));
        }
    }
    out
}

/// `value` with null for what may be set, or else is computed, and is not set: for
/// collections if the object is new or resources of their own decide them (`decided`, see
/// [`decided`]), and for flags, numbers and texts that identify nothing if the object is new.
pub(crate) fn left_to_provider(
    block: &Block,
    value: &Value,
    config: &Value,
    new: bool,
    decided: bool,
    identities: &Identities,
) -> Value {
    let (plain, marks) = value.clone().unmark();
    let Value::Object(fields) = &plain else { return value.clone() };
    let out = fields.map_values(|name, v| {
        let said = config.get_attr(name);
        if let Some(a) = block.attributes.get(name) {
            let unset = said.is_some_and(|c| c.is_null());
            if !(a.optional && a.computed && unset) || v.is_null() {
                return v.clone();
            }
            let collection = matches!(a.ty, Type::List(_) | Type::Set(_) | Type::Map(_));
            let identifies = |v: &Value| v.as_str().is_some_and(|s| identities.contains(s));
            // However short it is, this is what it is called by.
            let identifies = |v: &Value| identifies(v) || matches!(&**name, "id" | "arn");
            let invented = v.has_mark(&Mark::Invented) || !v.is_known();
            let made_elsewhere = decided && DECIDED_ELSEWHERE.contains(&&**name);
            if collection && (new || made_elsewhere) || new && invented && !identifies(v) {
                return Value::null(a.ty.clone());
            }
            return v.clone();
        }
        let (Some(b), Some(said)) = (block.blocks.get(name), said) else { return v.clone() };
        let (inner, marks) = v.clone().unmark();
        let said = said.unmark().0;
        let tidied = match (&inner, &said, b.nesting) {
            (Value::Object(_), Value::Object(_), _) => {
                left_to_provider(&b.block, &inner, &said, new, decided, identities)
            }
            (Value::List(e), Value::List(c), Nesting::List) if e.items.len() == c.items.len() => {
                let pairs = e.items.iter().zip(&c.items);
                let items = pairs.map(|(v, c)| left_to_provider(&b.block, v, c, new, decided, identities));
                Value::List(Arc::new(Elements { ty: e.ty.clone(), items: items.collect() }))
            }
            _ => inner.clone(),
        };
        tidied.with_marks(&marks)
    });
    Value::Object(Arc::new(out)).with_marks(&marks)
}
