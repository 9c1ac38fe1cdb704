//! Making, changing and deleting objects of the world.

use std::collections::BTreeMap;

use groma_value::schema::Block;
use groma_value::{Name, Type, Value};

use crate::effects;
use crate::fill::{Fill, Place};
use crate::refuse::{self, Done, Refusal};
use crate::services;
use crate::world::{GLOBAL, Key, Stored, Tx};

/// An operation on an object of a type.
pub(crate) struct Change<'a> {
    pub place: &'a Place,
    pub ty: &'a str,
    pub block: &'a Block,
    pub default_tags: &'a BTreeMap<String, Value>,
}

impl Change<'_> {
    /// Where an object of this type is kept.
    pub fn key(&self, id: &str) -> Key {
        let region = if services::is_global(self.ty) { GLOBAL } else { &self.place.region };
        Key {
            account: self.place.account.clone(),
            region: region.to_owned(),
            ty: self.ty.to_owned(),
            id: id.to_owned(),
        }
    }

    /// What an object of this type is kept by: its id, with more where several objects
    /// have one id.
    pub fn kept_by(&self, object: &Value) -> String {
        let id = identity(object);
        let filled = |name: &str| {
            object.get_attr(name).is_some_and(|v| v.as_elements().is_some_and(|e| !e.is_empty()))
        };
        match self.ty {
            "aws_lambda_permission" => {
                let function = object.get_attr("function_name").and_then(|v| v.as_str().map(str::to_owned));
                format!("{}/{id}", function.unwrap_or_default())
            }
            // The two sides are set by two resources, often.
            "aws_vpc_peering_connection_options" => {
                let sides = ["requester", "accepter"].into_iter().filter(|s| filled(s));
                format!("{id}/{}", sides.collect::<Vec<_>>().join("+"))
            }
            _ => id,
        }
    }

    /// Makes what is planned.
    pub fn create(&self, tx: &mut Tx<'_>, planned: &Value) -> Done<Value> {
        refuse::references(tx, self.place, self.ty, planned)?;
        let null = Value::Null(planned.ty());
        let object = self.filled(tx, planned, &null)?;
        let id = self.kept_by(&object);
        if id.is_empty() {
            return Err(Refusal::new("InternalFailure", "the sandbox found no id for the object"));
        }
        let key = self.key(&id);
        refuse::duplicates(tx, &key, &object, true)?;
        if tx.get(&key).is_some() && !effects::may_exist(self.ty, &object) {
            return Err(Refusal::new(
                "AlreadyExists",
                format!("{} {id} already exists", services::label(self.ty)),
            ));
        }
        effects::before_create(tx, self.place, &key, &object)?;
        tx.put(key.clone(), Stored::new(object.clone(), BTreeMap::new()));
        effects::after_create(tx, self.place, &key, &object)?;
        Ok(object)
    }

    /// Changes an object to what is planned.
    pub fn update(&self, tx: &mut Tx<'_>, prior: &Value, planned: &Value) -> Done<Value> {
        let key = self.key(&self.kept_by(prior));
        let Some(old) = tx.get(&key).cloned() else {
            return Err(Refusal::new(
                "NotFound",
                format!("{} {} does not exist", services::label(self.ty), key.id),
            ));
        };
        refuse::references(tx, self.place, self.ty, planned)?;
        let object = self.filled(tx, planned, prior)?;
        let new_key = self.key(&self.kept_by(&object));
        if new_key != key {
            // The name is the id, and it can be changed.
            tx.delete(&key);
        }
        refuse::duplicates(tx, &new_key, &object, false)?;
        effects::before_update(tx, self.place, &new_key, prior, &object)?;
        tx.put(new_key.clone(), Stored::new(object.clone(), old.notes.clone()));
        effects::after_update(tx, self.place, &new_key, &object)?;
        Ok(object)
    }

    /// Deletes an object; one that is gone already is no error.
    pub fn delete(&self, tx: &mut Tx<'_>, prior: &Value) -> Done<()> {
        let key = self.key(&self.kept_by(prior));
        let Some(old) = tx.get(&key).cloned() else { return Ok(()) };
        let now = old.value(self.ty).unwrap_or(prior);
        refuse::in_use(tx, &key, now)?;
        effects::before_delete(tx, self.place, &key, now)?;
        tx.delete(&key);
        effects::after_delete(tx, self.place, &key, now)
    }

    fn filled(&self, tx: &mut Tx<'_>, planned: &Value, prior: &Value) -> Done<Value> {
        let mut fill = Fill::new(tx, self.place, self.ty, self.block, planned, prior);
        if self.block.attributes.contains_key("tags_all") {
            let own = planned.get_attr("tags").and_then(|t| t.as_fields().cloned()).unwrap_or_default();
            let mut all: BTreeMap<Name, Value> =
                self.default_tags.iter().map(|(k, v)| (Name::from(k.as_str()), v.clone())).collect();
            all.extend(own.iter().map(|(k, v)| (k.clone(), v.clone())));
            fill.set("tags_all", Value::map(Type::String, all));
        }
        effects::fill(&mut fill)?;
        Ok(fill.object())
    }
}

/// What an object is kept by: its id, else its ARN or name, else all that is named or referred to in it.
pub(crate) fn identity(object: &Value) -> String {
    let text = |name: &str| object.get_attr(name).and_then(|v| v.as_str().map(str::to_owned));
    // Types of the new framework need not have an id.
    let found = ["id", "arn", "name"].iter().find_map(|n| text(n).filter(|t| !t.is_empty()));
    if let Some(found) = found {
        return found;
    }
    const PARTS: [&str; 6] = ["_id", "_arn", "_name", "_identifier", "_key", "_url"];
    let fields = object.as_fields().into_iter().flat_map(|f| f.iter());
    let named = fields.filter(|(n, _)| PARTS.iter().any(|p| n.ends_with(p)));
    let parts: Vec<&str> = named.filter_map(|(_, v)| v.as_str()).filter(|t| !t.is_empty()).collect();
    // One that names nothing is the only one of its account and region.
    if parts.is_empty() { "settings".into() } else { parts.join(",") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::Behaviour;
    use crate::plan::Planner;
    use crate::{Settings, World, schemas};
    use groma_provider::Schemas;

    fn some(ty: &Type) -> Value {
        match ty {
            Type::Bool => Value::Bool(true),
            Type::Number => Value::int(1),
            Type::String | Type::Dynamic => Value::string("x"),
            Type::List(t) => Value::list((**t).clone(), vec![some(t)]),
            Type::Set(t) => Value::set((**t).clone(), vec![some(t)]),
            Type::Map(t) => Value::map((**t).clone(), [("k", some(t))]),
            Type::Tuple(ts) => Value::tuple(ts.iter().map(some).collect()),
            Type::Object(o) => Value::object(o.attrs.iter().map(|(n, t)| (n.clone(), some(t)))),
        }
    }

    fn required(block: &Block) -> Value {
        use groma_value::schema::Nesting;
        let attributes = block
            .attributes
            .iter()
            .map(|(n, a)| (n.clone(), if a.required { some(&a.ty) } else { Value::Null(a.ty.clone()) }));
        let blocks = block.blocks.iter().map(|(n, b)| {
            let inner = || (b.block.implied_type().clone(), vec![required(&b.block)]);
            let v = match b.nesting {
                Nesting::List if b.min_items > 0 => Value::list(inner().0, inner().1),
                Nesting::Set if b.min_items > 0 => Value::set(inner().0, inner().1),
                _ => b.empty_value(),
            };
            (n.clone(), v)
        });
        Value::object(attributes.chain(blocks))
    }

    /// Every type can be made and planned again without a change, with or without rules of its own.
    #[test]
    fn no_type_is_without_values() {
        let world = World::open(&Settings::default()).unwrap();
        let place = Place { account: "123456789012".into(), region: "eu-west-1".into() };
        let default_tags = BTreeMap::new();
        let mut wrong = Vec::new();
        let types = schemas::Embedded.resource_types();
        assert!(types.len() > 1500);
        for ty in &types {
            let schema = schemas::resource(ty).unwrap();
            let behaviour = Behaviour::of(ty);
            let config = required(&schema.block);
            let planner =
                Planner { ty, block: &schema.block, behaviour: &behaviour, default_tags: &default_tags };
            let planned = planner.create(&config);
            if planned.ty() != *schema.block.implied_type() && !schema.block.implied_type().has_dynamic() {
                wrong.push(format!("{ty}: the plan is not of the schema's type"));
                continue;
            }
            let change = Change { place: &place, ty, block: &schema.block, default_tags: &default_tags };
            let null = Value::Null(planned.ty());
            let object = world.transact(|tx| change.filled(tx, &planned, &null)).unwrap().unwrap();
            if !object.is_wholly_known() || identity(&object).is_empty() {
                wrong.push(format!("{ty}: unknowns, or no id"));
            }
            if let Err(e) = schema.block.coerce_value(&object) {
                wrong.push(format!("{ty}: {e}"));
            }
            let proposed = groma_value::proposed_new::proposed_new(&schema.block, &object, &config);
            let again = planner.update(&object, &proposed, &config);
            if again.value != object || !again.requires_replace.is_empty() {
                wrong.push(format!("{ty}: changes when planned again {:?}", again.requires_replace));
            }
        }
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), types.len(), wrong.join("\n"));
    }
}
