//! Reading of attributes: what is known, what is not, what is only a stand-in.

use groma_value::{Mark, Value};
use ipnet::{IpNet, Ipv6Net};
use std::collections::HashSet;
use std::net::IpAddr;

use crate::world::World;

/// What an attribute says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known<T> {
    /// This.
    Is(T),
    /// Nothing: null, empty, or there is no such attribute.
    Absent,
    /// Something that is not known.
    Unknown,
}

impl<T> Known<T> {
    pub(crate) fn is(self) -> Option<T> {
        match self {
            Known::Is(t) => Some(t),
            _ => None,
        }
    }
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self, Known::Unknown)
    }
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Known::Absent)
    }
    /// `self`, or `other` where nothing is said.
    pub(crate) fn or(self, other: impl FnOnce() -> Known<T>) -> Known<T> {
        match self {
            Known::Absent => other(),
            k => k,
        }
    }
}

/// What stand-ins a world contains.
///
/// Elements of sets carry no marks; their set has them all. So within a marked set an
/// address or number counts as a stand-in if it is one of those that objects have.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    nets: Vec<IpNet>,
    numbers: HashSet<i64>,
    /// IPv6 ranges that AWS will assign from its own space are as good as real ones: the
    /// stand-ins overlap one another as the real ones will, and nothing that is written
    /// down lies in that space. False where something might.
    pub(crate) v6_stand_ins: bool,
}

/// Public IPv6 ranges of which it is certain that AWS assigns nothing from them.
const NOT_AMAZON: [&str; 9] = [
    // "Cloudflare: IP Ranges"
    "2400:cb00::/32",
    "2405:8100::/32",
    "2405:b500::/32",
    "2606:4700::/32",
    "2803:f800::/32",
    "2a06:98c0::/29",
    "2c0f:f248::/32",
    // RFC 3849, RFC 9637
    "2001:db8::/32",
    "3fff::/20",
];

impl Facts {
    pub(crate) fn of(world: &World) -> Facts {
        let mut facts = Facts::default();
        let mut written: Vec<Ipv6Net> = Vec::new();
        let mut assigned: Vec<Ipv6Net> = Vec::new();
        for o in &world.objects {
            collect(&o.values, false, &mut |text, direct, inherited| {
                let Some(net) = parse_net(text) else { return };
                if direct {
                    facts.nets.push(net);
                } else if let IpNet::V6(n) = net
                    && !inherited
                {
                    written.push(n);
                }
            });
            if let Some(f) = o.values.as_fields() {
                for (name, v) in f.iter() {
                    match &**name {
                        "private_ips" | "secondary_private_ips" | "ipv6_addresses"
                            if v.has_mark(&Mark::Invented) =>
                        {
                            let e = v.as_elements().unwrap_or_default();
                            facts.nets.extend(e.iter().filter_map(Value::as_str).filter_map(parse_net));
                        }
                        "ipv6_cidr_block" if !v.has_mark(&Mark::Invented) => {
                            if let Some(IpNet::V6(n)) = v.as_str().and_then(parse_net) {
                                assigned.push(n);
                            }
                        }
                        _ if v.has_mark(&Mark::Invented) => {
                            facts.numbers.extend(v.as_number().and_then(|n| n.as_i64()));
                        }
                        _ => {}
                    }
                }
            }
        }
        let not_amazon: Vec<Ipv6Net> = NOT_AMAZON.iter().filter_map(|s| s.parse().ok()).collect();
        facts.v6_stand_ins = written.iter().all(|n| {
            n.prefix_len() <= 3
                || n.network().segments()[0] & 0xe000 != 0x2000
                || not_amazon.iter().chain(&assigned).any(|a| a.contains(n))
        });
        facts.nets.sort();
        facts.nets.dedup();
        facts
    }
    fn invented_net(&self, net: &IpNet) -> bool {
        self.nets.iter().any(|n| n.contains(net))
    }
}

/// All strings, with whether they are marked themselves, and whether something around them is.
fn collect(v: &Value, inherited: bool, f: &mut dyn FnMut(&str, bool, bool)) {
    let direct = v.has_mark(&Mark::Invented);
    match v.peel() {
        Value::String(s) => f(s, direct, inherited),
        Value::Object(o) => o.values().for_each(|x| collect(x, inherited || direct, f)),
        Value::Map(m) => m.items.values().for_each(|x| collect(x, inherited || direct, f)),
        other => {
            for x in other.as_elements().unwrap_or_default() {
                collect(x, inherited || direct, f);
            }
        }
    }
}

/// A range or a single address; bits behind the prefix are cut off, as AWS does.
pub(crate) fn parse_net(text: &str) -> Option<IpNet> {
    if text.len() > 49 || !text.contains(['.', ':']) {
        return None;
    }
    match text.parse::<IpNet>() {
        Ok(n) => Some(n.trunc()),
        Err(_) => text.parse::<IpAddr>().ok().map(IpNet::from),
    }
}

#[derive(Clone, Copy, Debug)]
enum Seen<'w> {
    Absent,
    Unknown,
    Value(&'w Value),
}

/// A value, and whether it or what is around it stands in for something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'w> {
    seen: Seen<'w>,
    direct: bool,
    inherited: bool,
    facts: &'w Facts,
}

/// The elements of a collection.
#[derive(Clone, Debug)]
pub(crate) struct Many<'w> {
    /// Those that are known to be there; each may be unknown itself.
    pub(crate) items: Vec<View<'w>>,
    /// Whether there may be others.
    pub(crate) unknown: bool,
    /// Whether nothing is said at all.
    pub(crate) absent: bool,
}

impl<'w> View<'w> {
    pub(crate) fn new(value: &'w Value, facts: &'w Facts) -> View<'w> {
        View::within(value, false, facts)
    }
    fn within(value: &'w Value, inherited: bool, facts: &'w Facts) -> View<'w> {
        let seen = match value.peel() {
            Value::Null(_) => Seen::Absent,
            Value::Unknown(..) => Seen::Unknown,
            v => Seen::Value(v),
        };
        View { seen, direct: value.has_mark(&Mark::Invented), inherited, facts }
    }
    fn none(&self, seen: Seen<'w>) -> View<'w> {
        View { seen, direct: false, inherited: self.inherited, facts: self.facts }
    }
    pub(crate) fn is_absent(&self) -> bool {
        match self.seen {
            Seen::Absent => true,
            Seen::Value(v) => {
                v.as_str().is_some_and(str::is_empty) || v.as_elements().is_some_and(<[Value]>::is_empty)
            }
            Seen::Unknown => false,
        }
    }
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self.seen, Seen::Unknown)
    }
    /// Whether it is itself a stand-in, or computed from one.
    pub(crate) fn is_stand_in(&self) -> bool {
        self.direct
    }
    /// Whether it may be a stand-in: elements of sets carry no marks of their own.
    pub(crate) fn may_be_stand_in(&self) -> bool {
        self.direct || self.inherited
    }
    /// An attribute; of a list or set, that of its first element.
    pub(crate) fn get(&self, name: &str) -> View<'w> {
        let Seen::Value(v) = self.seen else { return self.none(self.seen) };
        let around = self.inherited || self.direct;
        if let Some(f) = v.as_fields() {
            return match f.get(name) {
                Some(x) => View::within(x, around, self.facts),
                None => self.none(Seen::Absent),
            };
        }
        match v.as_elements().and_then(<[Value]>::first) {
            Some(x) => View::within(x, around, self.facts).get(name),
            None => self.none(Seen::Absent),
        }
    }
    /// By a path of attributes: `vpc_config.subnet_ids`.
    pub(crate) fn at(&self, path: &str) -> View<'w> {
        path.split('.').fold(*self, |v, name| v.get(name))
    }
    /// The elements; a single value that is no collection is its only element.
    pub(crate) fn many(&self) -> Many<'w> {
        match self.seen {
            Seen::Absent => Many { items: Vec::new(), unknown: false, absent: true },
            Seen::Unknown => Many { items: Vec::new(), unknown: true, absent: false },
            Seen::Value(v) => match v.as_elements() {
                Some(e) => {
                    let around = self.inherited || self.direct;
                    let items = e.iter().map(|x| View::within(x, around, self.facts)).collect();
                    Many { items, unknown: false, absent: e.is_empty() }
                }
                None => Many { items: vec![*self], unknown: false, absent: self.is_absent() },
            },
        }
    }
    /// An identity: a stand-in is as good as a real one.
    pub(crate) fn id(&self) -> Known<&'w str> {
        match self.seen {
            Seen::Absent => Known::Absent,
            Seen::Unknown => Known::Unknown,
            Seen::Value(v) => match v.as_str() {
                Some("") => Known::Absent,
                Some(s) => Known::Is(s),
                None => Known::Unknown,
            },
        }
    }
    /// A text that says something.
    pub(crate) fn text(&self) -> Known<&'w str> {
        match self.id() {
            Known::Is(_) if self.direct => Known::Unknown,
            k => k,
        }
    }
    /// A number, also one that is written as a text.
    pub(crate) fn num(&self) -> Known<i64> {
        let Seen::Value(v) = self.seen else {
            return if self.is_unknown() { Known::Unknown } else { Known::Absent };
        };
        if v.as_str() == Some("") {
            return Known::Absent;
        }
        let n =
            v.as_number().and_then(|n| n.as_i64()).or_else(|| v.as_str().and_then(|s| s.trim().parse().ok()));
        match n {
            Some(n) if !(self.direct || self.inherited && self.facts.numbers.contains(&n)) => Known::Is(n),
            _ => Known::Unknown,
        }
    }
    /// A flag, also one that is written as a text (`"true"`, `"enable"`).
    pub(crate) fn flag(&self) -> Known<bool> {
        let Seen::Value(v) = self.seen else {
            return if self.is_unknown() { Known::Unknown } else { Known::Absent };
        };
        if self.direct {
            return Known::Unknown;
        }
        match (v.as_bool(), v.as_str()) {
            (Some(b), _) => Known::Is(b),
            (_, Some("")) => Known::Absent,
            (_, Some("true" | "enable" | "enabled" | "1")) => Known::Is(true),
            (_, Some("false" | "disable" | "disabled" | "0")) => Known::Is(false),
            _ => Known::Unknown,
        }
    }
    /// A range of addresses, or one address.
    pub(crate) fn net(&self) -> Known<IpNet> {
        let text = match self.id() {
            Known::Is(t) => t,
            Known::Absent => return Known::Absent,
            Known::Unknown => return Known::Unknown,
        };
        let Some(net) = parse_net(text) else { return Known::Unknown };
        let invented = self.direct || (self.inherited && self.facts.invented_net(&net));
        let trusted = self.facts.v6_stand_ins && matches!(net, IpNet::V6(n) if n.prefix_len() <= 64);
        if invented && !trusted { Known::Unknown } else { Known::Is(net) }
    }
}
