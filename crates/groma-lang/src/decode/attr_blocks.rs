//! Attributes that may be written as blocks. Providers of the old kind have
//! attributes of object lists which configurations of Terraform 0.11 wrote as
//! blocks, and still may.

use crate::ast::Body;
use groma_value::Type;
use groma_value::schema::{Attribute, Block};
use std::cell::OnceCell;
use std::sync::Arc;

/// Whether the attributes of a schema may be written as blocks.
pub(super) struct AttributeBlocks<'s> {
    schema: &'s Block,
    /// Asked only when a body could make use of it: the answer takes a walk
    /// through the whole schema.
    allowed: OnceCell<bool>,
}

impl<'s> AttributeBlocks<'s> {
    pub fn new(schema: &'s Block) -> AttributeBlocks<'s> {
        AttributeBlocks { schema, allowed: OnceCell::new() }
    }

    /// The same question for a block within. Where the schema around allows it,
    /// all schemas within do.
    pub fn inner<'i>(&self, schema: &'i Block) -> AttributeBlocks<'i> {
        AttributeBlocks { schema, allowed: self.allowed.clone() }
    }

    fn allowed(&self) -> bool {
        *self.allowed.get_or_init(|| only_legacy_types(self.schema))
    }

    /// Whether `attribute` is to be read from blocks of its name in this body.
    pub fn written_as_blocks(&self, name: &str, attribute: &Attribute, body: &Body) -> bool {
        is_object_list(attribute)
            && body.attribute(name).is_none()
            // Without blocks it only matters that a missing attribute is then no error.
            && (attribute.required || body.blocks.iter().any(|b| is_block_of(b, name)))
            && self.allowed()
    }
}

fn is_block_of(block: &crate::ast::Block, name: &str) -> bool {
    *block.ty.name == *name || super::content::is_dynamic_for(block, name)
}

fn is_object_list(a: &Attribute) -> bool {
    matches!(&a.ty, Type::List(t) | Type::Set(t) if matches!(**t, Type::Object(_)))
}

/// Whether the schema has only types that the old SDK could declare: no nested
/// attributes, tuples, objects, or maps of objects. A newer provider's schema is
/// meant as it stands.
fn only_legacy_types(schema: &Block) -> bool {
    let legacy = |a: &Attribute| {
        a.nested.is_none()
            && match &a.ty {
                Type::Tuple(_) | Type::Object(_) => false,
                Type::Map(t) if matches!(**t, Type::Object(_)) => false,
                Type::List(t) | Type::Set(t) | Type::Map(t) => t.element().is_none_or(Type::is_primitive),
                _ => true,
            }
    };
    schema.attributes.values().all(legacy) && schema.blocks.values().all(|b| only_legacy_types(&b.block))
}

/// A schema for blocks that stand for the elements of this list or set of
/// objects. All attributes are optional: the type does not tell.
pub(super) fn schema_of_elements(ty: &Type) -> Arc<Block> {
    let Some(Type::Object(object)) = ty.element() else { return Arc::default() };
    let attributes = object.attrs.iter().map(|(n, t)| (n.clone(), Attribute::optional(t.clone())));
    Arc::new(Block::of_attributes(attributes))
}
