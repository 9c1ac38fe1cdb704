//! Data sources: what can be asked of the sandbox's AWS.

mod account;
mod images;
mod lookup;
mod policy;

use groma_value::schema::Block;
use groma_value::{Fields, Name, Type, Value, convert, json};

use crate::fill::{Place, text_of, zero};
use crate::provider::config::Config;
use crate::refuse::{Done, Refusal};
use crate::world::Tx;

/// What a data source is read with.
pub(crate) struct Source<'a, 'b> {
    pub tx: &'a mut Tx<'b>,
    pub place: &'a Place,
    pub provider: &'a Config,
    pub block: &'a Block,
    pub config: &'a Value,
}

impl Source<'_, '_> {
    /// The text of an argument, if it is set.
    pub fn text(&self, name: &str) -> Option<String> {
        self.config.get_attr(name).as_ref().and_then(text_of).filter(|t| !t.is_empty())
    }
    /// Answers with attributes given as JSON.
    pub fn answer(&self, set: serde_json::Value) -> Done<Value> {
        let mut out = Vec::new();
        for (n, v) in set.as_object().into_iter().flatten() {
            let value = match (self.block.attributes.get(n.as_str()), self.block.blocks.get(n.as_str())) {
                (Some(a), _) => json::from_json_implied(v).ok().and_then(|v| convert(&v, &a.ty).ok()),
                (_, Some(b)) => json::from_json(v, &b.implied_type()).ok(),
                _ => None,
            };
            out.extend(value.map(|v| (Name::from(n.as_str()), v)));
        }
        Ok(answer(self.block, self.config, out))
    }
}

/// The configuration with what was found; what else is computed is empty.
fn answer(block: &Block, config: &Value, set: Vec<(Name, Value)>) -> Value {
    let mut fields: Fields = config.as_fields().cloned().unwrap_or_default();
    for (n, a) in &block.attributes {
        if a.computed && fields.get(n).is_none_or(|v| v.is_null()) {
            let nothing = if a.ty == Type::String { Value::Null(Type::String) } else { zero(&a.ty) };
            fields.insert(n.clone(), nothing);
        }
    }
    for (n, v) in set {
        if fields.get(&n).is_some_and(|old| {
            old.is_null()
                || old.as_elements().is_some_and(<[Value]>::is_empty)
                || block.attributes.get(&n).is_some_and(|a| a.computed)
        }) {
            fields.insert(n, v);
        }
    }
    if fields.get("id").is_some_and(Value::is_null) {
        fields.insert("id", Value::string("sandbox"));
    }
    Value::object(fields)
}

/// Reads a data source.
pub(crate) fn read(ty: &str, mut s: Source<'_, '_>) -> Done<Value> {
    if ty == "aws_iam_policy_document" {
        let (pretty, small) = policy::documents(s.config).map_err(|e| Refusal::new("", e))?;
        let id = crate::text::crc32(pretty.as_bytes()).to_string();
        return s.answer(serde_json::json!({ "json": pretty, "minified_json": small, "id": id }));
    }
    if let Some(done) = account::read(ty, &mut s) {
        return done;
    }
    if let Some(done) = images::read(ty, &mut s) {
        return done;
    }
    match lookup::target(ty) {
        Some((target, many)) => lookup::find(&mut s, &target, many),
        None => Err(Refusal::new(
            "",
            format!("the sandbox does not have the data source {ty}; give the value as a variable instead"),
        )),
    }
}
