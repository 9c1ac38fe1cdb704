//! What AWS adds to an object: ids, ARNs and all the rest that is not known before.

use std::collections::BTreeMap;

use groma_value::schema::{Attribute, Block, NestedBlock};
use groma_value::{Name, Type, Value, convert, json};

use crate::rules;
use crate::services;
use crate::template::{Words, expand, random_word};
use crate::world::Tx;

/// Where an operation takes place.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub account: String,
    pub region: String,
}

impl Place {
    /// The partition of ARNs.
    pub fn partition(&self) -> &'static str {
        if self.region.starts_with("cn-") {
            "aws-cn"
        } else if self.region.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        }
    }
}

/// Fills in the unknowns of one object.
pub(crate) struct Fill<'a, 'b> {
    pub tx: &'a mut Tx<'b>,
    pub place: &'a Place,
    pub ty: &'a str,
    pub block: &'a Block,
    /// The planned object.
    pub planned: &'a Value,
    /// The object before, null where it is made.
    pub prior: &'a Value,
    known: BTreeMap<String, Value>,
    /// What is being filled in, to end circles.
    open: Vec<String>,
}

impl<'a, 'b> Fill<'a, 'b> {
    pub fn new(
        tx: &'a mut Tx<'b>,
        place: &'a Place,
        ty: &'a str,
        block: &'a Block,
        planned: &'a Value,
        prior: &'a Value,
    ) -> Fill<'a, 'b> {
        Fill { tx, place, ty, block, planned, prior, known: BTreeMap::new(), open: Vec::new() }
    }

    /// Says what an attribute is, whatever the rules say.
    pub fn set(&mut self, name: &str, value: Value) {
        self.known.insert(name.to_owned(), value);
    }

    /// The text of an attribute, the first element's of several; `None` for nothing and for an
    /// empty one.
    pub fn text(&mut self, name: &str) -> Option<String> {
        text_of(&self.attribute(name)?).filter(|t| !t.is_empty())
    }

    /// The attributes of the object that an id, ARN or name means.
    pub fn named(&self, name: &str) -> Option<Value> {
        self.tx.named(self.place, name)
    }

    /// The object with nothing unknown in it.
    pub fn object(&mut self) -> Value {
        let Value::Object(fields) = self.planned else { return self.planned.clone() };
        let mut out = Vec::with_capacity(fields.len());
        for (n, _) in fields.iter() {
            let v = self.attribute(n).unwrap_or_else(|| Value::Null(Type::Dynamic));
            out.push((n.clone(), v));
        }
        Value::object(out)
    }

    /// A top-level attribute or kind of block, filled in.
    pub fn attribute(&mut self, name: &str) -> Option<Value> {
        if let Some(v) = self.known.get(name) {
            return Some(v.clone());
        }
        let planned = self.planned.get_attr(name)?;
        if planned.is_wholly_known() {
            return Some(planned);
        }
        if self.open.iter().any(|n| n == name) {
            return None;
        }
        self.open.push(name.to_owned());
        let prior = self.prior.get_attr(name).filter(|_| !self.prior.is_null());
        let block = self.block;
        let v = match (block.attributes.get(name), block.blocks.get(name)) {
            (Some(a), _) => self.leaf(name, a, &planned, prior),
            (_, Some(b)) => self.blocks(name, b, &planned, prior),
            _ => planned,
        };
        self.open.pop();
        self.known.insert(name.to_owned(), v.clone());
        Some(v)
    }

    fn leaf(&mut self, path: &str, a: &Attribute, planned: &Value, prior: Option<Value>) -> Value {
        if planned.is_known() {
            // Known in part, such as the names among the validations of a certificate.
            return match rules::value(self.ty, path) {
                Some(template) => self.templated(template, &a.ty),
                None => self.without_unknowns(planned),
            };
        }
        if let Some(prior) = prior.filter(|_| !self.prior.is_null()) {
            match rules::value(self.ty, &format!("+{path}")) {
                Some("+1") => {
                    let n = prior.as_number().and_then(groma_value::Number::as_i64).unwrap_or(0);
                    let next = if a.ty == Type::String {
                        Value::string((n + 1).to_string())
                    } else {
                        Value::int(n + 1)
                    };
                    return next;
                }
                Some(template) => return self.templated(template, &a.ty),
                None if !prior.is_null() => return prior,
                None => {}
            }
        }
        match rules::value(self.ty, path) {
            Some(template) => self.templated(template, &a.ty),
            None => self.generic(path, a),
        }
    }

    fn blocks(&mut self, path: &str, b: &NestedBlock, planned: &Value, prior: Option<Value>) -> Value {
        if !planned.is_known() {
            if let Some(prior) = prior {
                return prior;
            }
            return match rules::value(self.ty, path) {
                Some(template) => self.templated_block(template, b),
                None => b.empty_value(),
            };
        }
        let priors = prior.as_ref().and_then(Value::as_elements).map(<[Value]>::to_vec).unwrap_or_default();
        match planned {
            Value::List(e) => {
                let items = e.items.iter().enumerate();
                let items = items.map(|(i, v)| self.one(path, &b.block, v, priors.get(i))).collect();
                Value::list(e.ty.clone(), items)
            }
            Value::Set(e) => {
                let items = e.items.iter().map(|v| self.one(path, &b.block, v, None)).collect();
                Value::set(e.ty.clone(), items)
            }
            Value::Object(_) => self.one(path, &b.block, planned, prior.as_ref()),
            v => self.without_unknowns(v),
        }
    }

    fn one(&mut self, path: &str, block: &Block, v: &Value, prior: Option<&Value>) -> Value {
        let Value::Object(fields) = v else { return v.clone() };
        let mut out = Vec::with_capacity(fields.len());
        for (n, v) in fields.iter() {
            let path = format!("{path}.{n}");
            let prior = prior.and_then(|p| p.get_attr(n));
            let v = match (block.attributes.get(n), block.blocks.get(n)) {
                (Some(a), _) if !v.is_wholly_known() => self.leaf(&path, a, v, prior),
                (_, Some(b)) => self.blocks(&path, b, v, prior),
                _ => v.clone(),
            };
            out.push((n.clone(), v));
        }
        Value::object(out)
    }

    fn without_unknowns(&self, v: &Value) -> Value {
        v.transform(&mut |_, v| match &v {
            Value::Unknown(ty, _) => zero(ty),
            _ => v,
        })
    }

    /// A template's value, as far as it fits the type.
    fn templated(&mut self, template: &str, ty: &Type) -> Value {
        if template == "null" {
            return Value::Null(ty.clone());
        }
        let text = expand(template, self);
        let of_text = |text: String| convert(&Value::string(text), ty).ok();
        let value = match ty {
            Type::String => Some(Value::string(text)),
            Type::Bool | Type::Number => of_text(text),
            _ if text.is_empty() => None,
            _ => {
                serde_json::from_str(&text).ok().and_then(|v: serde_json::Value| json::from_json(&v, ty).ok())
            }
        };
        value.unwrap_or_else(|| zero(ty))
    }

    /// Blocks from JSON in which attributes may be left out.
    fn templated_block(&mut self, template: &str, b: &NestedBlock) -> Value {
        let text = expand(template, self);
        let parsed: Option<serde_json::Value> = serde_json::from_str(&text).ok();
        let value = parsed.and_then(|v| json::from_json_implied(&v).ok());
        let mut around = Block::default();
        around.blocks.insert("b".into(), b.clone());
        let value = value.and_then(|v| around.coerce_value(&Value::object([("b", v)])).ok());
        value.and_then(|v| v.get_attr("b")).unwrap_or_else(|| b.empty_value())
    }

    /// A value for an attribute of which no rule tells: by its name and type.
    fn generic(&mut self, path: &str, a: &Attribute) -> Value {
        if a.ty != Type::String {
            return zero(&a.ty);
        }
        let name = path.rsplit('.').next().unwrap_or(path);
        let top = name == path;
        let (service, kind) = services::of(self.ty);
        let template = match name {
            "id" if top => return Value::string(self.generic_id()),
            "arn" if top => {
                let at = if service.global { "@@" } else { "@" };
                let kind = if kind.is_empty() { "object" } else { kind }.replace('_', "-");
                format!("{at}{}:{kind}/$id", services::arn_name(self.ty))
            }
            "owner_id" | "owner_account" | "account_id" | "aws_account_id" | "registry_id" | "catalog_id"
            | "owner" | "owner_account_id" => "$account".into(),
            "region" => "$region".into(),
            _ if !top && a.optional => String::new(),
            "name" => return Value::string(self.generic_name("name_prefix")),
            "status" => "ACTIVE".into(),
            "state" => "available".into(),
            "version" | "version_id" | "default_version" if !a.optional => "1".into(),
            _ if a.optional => String::new(),
            n if n.ends_with("_at")
                || n.ends_with("_date")
                || n.ends_with("_time")
                || n.ends_with("timestamp") =>
            {
                "$now".into()
            }
            n if n.ends_with("hosted_zone_id") => "Z$upper13".into(),
            n if n.ends_with("dns_name")
                || n.ends_with("domain_name")
                || n == "endpoint"
                || n == "address" =>
            {
                format!("$lower13.{}.$region.amazonaws.com", services::arn_name(self.ty))
            }
            n if n.ends_with("url") => {
                format!("https://{}.$region.amazonaws.com/$account/$id", services::arn_name(self.ty))
            }
            n if n.ends_with("_arn") => {
                let n = n.trim_end_matches("_arn").replace('_', "-");
                format!("@{}:{n}/$hex16", services::arn_name(self.ty))
            }
            n if n.ends_with("_id") => "$hex16".into(),
            _ => String::new(),
        };
        Value::string(expand(&template, self))
    }

    /// The id where no rule tells: the name, or something like `glue-connection-0123...`.
    fn generic_id(&mut self) -> String {
        const NAMES: [&str; 6] =
            ["name", "identifier", "bucket", "domain_name", "cluster_identifier", "domain"];
        for name in NAMES {
            let planned = self.planned.get_attr(name);
            if planned.as_ref().is_some_and(|v| !v.is_null())
                && let Some(text) = self.attribute(name).as_ref().and_then(Value::as_str)
                && !text.is_empty()
            {
                return text.to_owned();
            }
        }
        let (_, kind) = services::of(self.ty);
        let kind = if kind.is_empty() { self.ty.trim_start_matches("aws_") } else { kind };
        expand(&format!("{}-$x", kind.replace('_', "-")), self)
    }

    /// A name that the provider makes up.
    fn generic_name(&mut self, prefix: &str) -> String {
        let given = self.planned.get_attr(prefix);
        let given = given.as_ref().and_then(Value::as_str).filter(|p| !p.is_empty());
        let prefix = given.unwrap_or("terraform-").to_owned();
        expand(&format!("{prefix}$suffix"), self)
    }
}

impl Words for Fill<'_, '_> {
    fn word(&mut self, name: &str) -> Option<String> {
        match name {
            "account" => return Some(self.place.account.clone()),
            "region" => return Some(self.place.region.clone()),
            "partition" => return Some(self.place.partition().to_owned()),
            "now" => return Some(rfc3339(self.tx.now())),
            "suffix" => {
                let random = self.tx.random();
                let count = u32::from_be_bytes([0, random[0], random[1], random[2]]);
                return Some(format!("{}{count:012x}", compact_time(self.tx.now())));
            }
            _ => {}
        }
        if let Some(word) = random_word(name, || self.tx.random()) {
            return Some(word);
        }
        if let Some(word) = crate::words::special(self, name) {
            return Some(word);
        }
        self.text(name)
    }

    fn follow(&mut self, name: &str, field: &str) -> Option<String> {
        let target = self.word(name)?;
        let found = self.tx.named(self.place, &target)?;
        text_of(&found.get_attr(field)?)
    }
}

/// A value as a text; the first element's of several.
pub(crate) fn text_of(v: &Value) -> Option<String> {
    match v {
        Value::String(s) => Some(s.to_string()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        v => text_of(v.as_elements()?.first()?),
    }
}

/// What stands for nothing.
pub(crate) fn zero(ty: &Type) -> Value {
    match ty {
        Type::String => Value::string(""),
        Type::Number => Value::int(0),
        Type::Bool => Value::Bool(false),
        Type::List(t) => Value::list((**t).clone(), Vec::new()),
        Type::Set(t) => Value::set((**t).clone(), Vec::new()),
        Type::Map(t) => Value::map::<Name>((**t).clone(), []),
        Type::Object(o) => Value::object(o.attrs.iter().map(|(n, t)| (n.clone(), zero(t)))),
        Type::Tuple(ts) => Value::tuple(ts.iter().map(zero).collect()),
        Type::Dynamic => Value::Null(Type::Dynamic),
    }
}

/// `2030-01-02T03:04:05Z`
pub(crate) fn rfc3339(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|t| t.to_string()).unwrap_or_default()
}

/// `20300102030405`
fn compact_time(seconds: i64) -> String {
    rfc3339(seconds).chars().filter(char::is_ascii_digit).collect()
}
