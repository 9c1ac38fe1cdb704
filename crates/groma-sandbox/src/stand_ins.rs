//! What AWS will compute, made up for worlds that are only looked at.

use std::collections::BTreeMap;

use groma_value::Value;
use groma_value::schema::Block;

use crate::apply::{Change, identity};
use crate::effects;
use crate::fill::{Fill, Place};
use crate::world::{Stored, Tx};
use crate::{Error, Settings, World};

/// Makes up ids, ARNs and the rest that AWS gives to new objects: as the sandbox would,
/// but without refusing anything, for any version of the provider's schemas, and without
/// a sandbox. The same requests in the same order give the same texts, and none twice.
pub struct StandIns {
    world: World,
}

/// Which object is meant, and where it is.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// 12 digits.
    pub account: &'a str,
    /// `eu-west-1`
    pub region: &'a str,
    /// The resource type.
    pub ty: &'a str,
}

impl Subject<'_> {
    fn place(&self) -> Place {
        Place { account: self.account.to_owned(), region: self.region.to_owned() }
    }
}

impl StandIns {
    /// None given out yet. `seed` decides the texts.
    ///
    /// # Errors
    ///
    /// None in practice: nothing is kept on the disk.
    pub fn new(seed: u64) -> Result<StandIns, Error> {
        Ok(StandIns { world: World::open(&Settings { seed, ..Settings::default() })? })
    }

    /// `planned` with something in the place of every unknown, and remembered, so that
    /// others that refer to it get what it has (`aws_default_route_table` the table of
    /// its VPC). Values are without marks. `prior`: the object before, or null.
    pub fn complete(&self, subject: Subject<'_>, block: &Block, planned: &Value, prior: &Value) -> Value {
        let place = subject.place();
        let made = self.world.transact(|tx| {
            let value = {
                let mut fill = Fill::new(tx, &place, subject.ty, block, planned, prior);
                // What is contradictory is made up all the same.
                let _ = effects::fill(&mut fill);
                fill.object()
            };
            put(tx, &place, subject.ty, block, &value);
            Ok::<_, Error>(value)
        });
        made.and_then(|v| v).unwrap_or_else(|_| planned.clone())
    }

    /// Remembers an object that exists, so that what refers to it gets what it has.
    pub fn know(&self, subject: Subject<'_>, block: &Block, value: &Value) {
        let place = subject.place();
        // Nothing is written anywhere.
        let _ = self.world.transact(|tx| {
            put(tx, &place, subject.ty, block, value);
            Ok::<_, Error>(())
        });
    }
}

fn put(tx: &mut Tx<'_>, place: &Place, ty: &str, block: &Block, value: &Value) {
    if value.is_null() || identity(value).is_empty() {
        return;
    }
    let change = Change { place, ty, block, default_tags: &BTreeMap::new() };
    let key = change.key(&change.kept_by(value));
    let is_new = tx.get(&key).is_none();
    tx.put(key.clone(), Stored::new(value.clone(), BTreeMap::new()));
    if is_new && ty == "aws_vpc" {
        let _ = effects::after_create(tx, place, &key, value);
    }
}
