//! Worlds from JSON, and looking at networks.

use std::collections::BTreeMap;
use std::sync::Arc;

use groma_prove::extract;
use groma_prove::model::*;
use groma_prove::world::{Location, Object, World};
use groma_value::addr::{Key, ModuleInstance, Resource, ResourceInstance};
use groma_value::{Mark, Type, Value};
use serde_json::Value as Json;

/// A world of objects by address. In values `"@aws_vpc.a"` is the id of that object, a stand-in;
/// `"@aws_vpc.a.arn"` another attribute of it; `"?"` is unknown; `{"$set": [..]}` a set, whose
/// elements lose their marks to it.
pub fn world(objects: Json) -> World {
    let mut referred: BTreeMap<String, Vec<String>> = BTreeMap::new();
    collect(&objects, &mut referred);
    let mut out = World::default();
    for (address, values) in objects.as_object().unwrap() {
        let mut fields: Vec<(Arc<str>, Value)> = Vec::new();
        for (name, v) in values.as_object().unwrap() {
            if !name.starts_with('$') {
                fields.push((name.as_str().into(), value(v)));
            }
        }
        let mut stand_ins = vec!["id".to_owned(), "arn".to_owned()];
        stand_ins.extend(referred.get(address).cloned().unwrap_or_default());
        for name in stand_ins {
            if !fields.iter().any(|(n, _)| **n == *name) {
                fields.push((name.as_str().into(), stand_in(address, &name)));
            }
        }
        let location = |name: &str| values.get(name).and_then(Json::as_str).map(Into::into);
        out.objects.push(Object {
            root: "".into(),
            addr: addr(address),
            location: Arc::new(Location {
                account: location("$account").or(Some("111111111111".into())),
                region: location("$region").or(Some("eu-west-1".into())),
            }),
            values: Value::object(fields),
            place: None,
            exists: values.get("$exists").and_then(Json::as_bool).unwrap_or(false),
        });
    }
    out
}
fn stand_in(address: &str, attribute: &str) -> Value {
    Value::string(format!("{address}#{attribute}")).mark(Mark::Invented)
}
fn split(reference: &str) -> (String, String) {
    let parts: Vec<&str> = reference.trim_start_matches('@').split('.').collect();
    let n = if parts[0] == "data" { 3 } else { 2 };
    (parts[..n].join("."), parts.get(n).unwrap_or(&"id").to_string())
}
fn collect(v: &Json, out: &mut BTreeMap<String, Vec<String>>) {
    match v {
        Json::String(s) if s.starts_with('@') => {
            let (address, attribute) = split(s);
            out.entry(address).or_default().push(attribute);
        }
        Json::Array(a) => a.iter().for_each(|x| collect(x, out)),
        Json::Object(o) => o.values().for_each(|x| collect(x, out)),
        _ => {}
    }
}
fn addr(address: &str) -> ResourceInstance {
    let (key, address) = match address.split_once('[') {
        Some((a, k)) => (Key::Int(k.trim_end_matches(']').parse().unwrap()), a),
        None => (Key::None, address),
    };
    let parts: Vec<&str> = address.split('.').collect();
    let resource = match parts.as_slice() {
        ["data", ty, name] => Resource::data(*ty, *name),
        [ty, name] => Resource::managed(*ty, *name),
        _ => panic!("{address}"),
    };
    ResourceInstance { module: ModuleInstance::root(), resource, key }
}
fn value(v: &Json) -> Value {
    match v {
        Json::Null => Value::null(Type::Dynamic),
        Json::Bool(b) => Value::bool(*b),
        Json::Number(n) => Value::int(n.as_i64().unwrap()),
        Json::String(s) if s == "?" => Value::dynamic(),
        Json::String(s) if s.starts_with('@') => {
            let (address, attribute) = split(s);
            stand_in(&address, &attribute)
        }
        Json::String(s) => Value::string(s),
        Json::Array(a) => Value::tuple(a.iter().map(value).collect()),
        Json::Object(o) => match (o.get("$set"), o.get("$invented")) {
            (Some(Json::Array(a)), _) => Value::set(Type::Dynamic, a.iter().map(value).collect()),
            (_, Some(x)) => value(x).mark(Mark::Invented),
            _ => Value::object(o.iter().map(|(n, v)| (n.as_str(), value(v)))),
        },
    }
}

/// The objects that `groma prove -world` prints, with those paths marked that it calls made up.
pub fn printed(text: &str) -> World {
    let json: Json = serde_json::from_str(text).unwrap();
    let mut out = World::default();
    for o in json["objects"].as_array().unwrap() {
        let mut values = value(&o["values"]);
        for path in o["invented"].as_array().unwrap() {
            let path = path.as_str().unwrap().replace(['[', '.'], "/").replace([']', '"'], "");
            let steps: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
            values = mark(&values, &steps);
        }
        let text = |name: &str| o[name].as_str().map(Into::into);
        out.objects.push(Object {
            root: "".into(),
            addr: addr(o["address"].as_str().unwrap()),
            location: Arc::new(Location { account: text("account"), region: text("region") }),
            values,
            place: None,
            exists: false,
        });
    }
    out
}
fn mark(v: &Value, path: &[&str]) -> Value {
    let Some((first, rest)) = path.split_first() else { return v.clone().mark(Mark::Invented) };
    let at = |name: &str, x: &Value| if name == *first { mark(x, rest) } else { x.clone() };
    let inner = match v.peel() {
        Value::Object(f) => Value::Object(Arc::new(f.map_values(|n, x| at(n, x)))),
        Value::Tuple(t) => Value::tuple(t.iter().enumerate().map(|(i, x)| at(&i.to_string(), x)).collect()),
        other => other.clone(),
    };
    inner.with_marks(&v.marks())
}

/// The network of a world.
pub fn network(objects: Json) -> Net {
    Net(extract(&world(objects)))
}

/// A network that is asked by names.
pub struct Net(pub Network);

impl Net {
    pub fn name(&self, item: ItemId) -> &str {
        &self.0.items[item.index()].name
    }
    fn position(&self, what: &str, name: &str, items: Vec<ItemId>) -> u32 {
        let found = items.iter().position(|i| self.name(*i) == name);
        let names: Vec<&str> = items.iter().map(|i| self.name(*i)).collect();
        found.unwrap_or_else(|| panic!("no {what} {name} among {names:?}")) as u32
    }
    pub fn vpc(&self, name: &str) -> VpcId {
        VpcId(self.position("VPC", name, self.0.vpcs.iter().map(|x| x.item).collect()))
    }
    pub fn subnet(&self, name: &str) -> &Subnet {
        let i = self.position("subnet", name, self.0.subnets.iter().map(|x| x.item).collect());
        &self.0.subnets[i as usize]
    }
    pub fn table(&self, name: &str) -> &Table {
        let i = self.position("table", name, self.0.tables.iter().map(|x| x.item).collect());
        &self.0.tables[i as usize]
    }
    pub fn acl(&self, name: &str) -> &Acl {
        let i = self.position("ACL", name, self.0.acls.iter().map(|x| x.item).collect());
        &self.0.acls[i as usize]
    }
    pub fn group(&self, name: &str) -> &Group {
        &self.0.groups[self.group_id(name).index()]
    }
    pub fn group_id(&self, name: &str) -> GroupId {
        GroupId(self.position("group", name, self.0.groups.iter().map(|x| x.item).collect()))
    }
    pub fn gateway(&self, name: &str) -> &Gateway {
        let i = self.position("gateway", name, self.0.gateways.iter().map(|x| x.item).collect());
        &self.0.gateways[i as usize]
    }
    pub fn node(&self, name: &str) -> &Node {
        &self.0.nodes[self.node_id(name).index()]
    }
    pub fn node_id(&self, name: &str) -> NodeId {
        NodeId(self.position("node", name, self.0.nodes.iter().map(|x| x.item).collect()))
    }
    /// The interfaces of a node.
    pub fn interfaces(&self, node: &str) -> Vec<&Interface> {
        let id = self.node_id(node);
        self.0.interfaces.iter().filter(|i| i.node == id).collect()
    }
    /// Its only interface.
    pub fn interface(&self, node: &str) -> &Interface {
        let all = self.interfaces(node);
        assert_eq!(all.len(), 1, "{all:?}");
        all[0]
    }
    /// The names of the groups of an interface.
    pub fn groups_of(&self, i: &Interface) -> Vec<&str> {
        let groups = i.groups.as_deref().unwrap_or_default();
        groups.iter().map(|(g, _)| self.name(self.0.groups[g.index()].item)).collect()
    }
    /// The routes of a table as text: `10.0.0.0/16 local`, `0.0.0.0/0 aws_internet_gateway.a`.
    pub fn routes(&self, table: &str) -> Vec<String> {
        let mut out: Vec<String> = self.table(table).routes.iter().map(|r| self.route(r)).collect();
        out.sort();
        out
    }
    fn route(&self, r: &Route) -> String {
        let range = r.range.map_or("?".to_owned(), |r| r.to_string());
        let item = match r.target {
            Target::Local => None,
            Target::Gateway(g) => Some(self.0.gateways[g.index()].item),
            Target::Peering(p) => Some(self.0.peerings[p.index()].item),
            Target::Hub(h) => Some(self.0.hubs[h.index()].item),
            Target::Interface(i) => Some(self.0.interfaces[i.index()].item),
            Target::Blackhole => return format!("{range} nowhere"),
            Target::Anywhere(_) => return format!("{range} anywhere"),
        };
        let doubt = if r.presence == Presence::Sure { "" } else { " perhaps" };
        let propagated = if r.propagated { " propagated" } else { "" };
        format!("{range} {}{propagated}{doubt}", item.map_or("local", |i| self.name(i)))
    }
    /// Rules as text: `tcp 443 0.0.0.0/0`, `any aws_security_group.a perhaps`.
    pub fn rules(&self, rules: &[Rule]) -> Vec<String> {
        let mut out: Vec<String> = rules
            .iter()
            .map(|r| {
                let protocol = match r.protocol {
                    Protocol::Any => "any".to_owned(),
                    Protocol::Number(6) => "tcp".to_owned(),
                    Protocol::Number(17) => "udp".to_owned(),
                    Protocol::Number(n) => n.to_string(),
                };
                let ports = match r.ports {
                    Some(p) if p.from == p.to => format!(" {}", p.from),
                    Some(p) => format!(" {}-{}", p.from, p.to),
                    None => String::new(),
                };
                let icmp = r.icmp.map_or(String::new(), |(t, c)| format!(" {t}/{c}"));
                let peer = match r.peer {
                    Peer::Range(n) => n.to_string(),
                    Peer::Group(g) => self.name(self.0.groups[g.index()].item).to_owned(),
                    Peer::List(l) => self.name(self.0.prefix_lists[l.index()].item).to_owned(),
                    Peer::Anything(_) => "anything".to_owned(),
                };
                let doubt = if r.presence == Presence::Sure { "" } else { " perhaps" };
                format!("{protocol}{ports}{icmp} {peer}{doubt}")
            })
            .collect();
        out.sort();
        out
    }
    /// Relays as text: `a -> b: 443 -> 8080`.
    pub fn relays(&self) -> Vec<String> {
        let node = |n: NodeId| self.name(self.0.nodes[n.index()].item).to_owned();
        let ports = |p: &Option<(Protocol, Ports)>| match p {
            None => "any".to_owned(),
            Some((p, r)) => {
                let p = if *p == Protocol::Number(17) { "udp " } else { "" };
                if r.from == r.to { format!("{p}{}", r.from) } else { format!("{p}{}-{}", r.from, r.to) }
            }
        };
        let mut out: Vec<String> = self
            .0
            .relays
            .iter()
            .map(|r| {
                let keeps = match r.keeps_client {
                    Tri::Yes => " keeps",
                    Tri::No => "",
                    Tri::Maybe(_) => " keeps?",
                };
                let direct = if r.direct { " direct" } else { "" };
                let doubt = if r.presence == Presence::Sure { "" } else { " perhaps" };
                let (from, to) = (node(r.from), node(r.to));
                format!(
                    "{from} -> {to}: {} -> {}{keeps}{direct}{doubt}",
                    ports(&r.accepts),
                    ports(&r.connects)
                )
            })
            .collect();
        out.sort();
        out
    }
    /// What is named as not understood.
    pub fn unsupported(&self) -> Vec<&str> {
        self.0.unsupported.iter().map(|u| self.name(u.item)).collect()
    }
}

pub fn is_maybe(t: Tri) -> bool {
    matches!(t, Tri::Maybe(_))
}
