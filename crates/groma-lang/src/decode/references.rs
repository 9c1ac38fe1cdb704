//! What a body refers to.

use super::attr_blocks::AttributeBlocks;
use super::attr_blocks::schema_of_elements;
use super::content::{self, Content, Shape};
use super::dynamic::iterator_name;
use crate::ast::{Block, Body, Expr, Traversal};
use crate::diag::Diagnostics;
use groma_value::{Name, schema};

/// All references of a body to names from outside of it, in source order within
/// each attribute. Iterators of `dynamic` blocks are left out. Parts that the
/// schema does not know are left out too: they will be refused.
pub fn references_in_body(body: &Body, schema: &schema::Block) -> Vec<Traversal> {
    references_in_body_skipping(body, schema, &[])
}

/// As [`references_in_body`], without the attributes and blocks named in `skip`.
pub fn references_in_body_skipping(body: &Body, schema: &schema::Block, skip: &[&str]) -> Vec<Traversal> {
    let mut walk = Walk { bound: Vec::new(), out: Vec::new() };
    walk.body(body, schema, &AttributeBlocks::new(schema), skip);
    walk.out
}

struct Walk {
    /// Names of the iterators around.
    bound: Vec<Name>,
    out: Vec<Traversal>,
}

impl Walk {
    fn expr(&mut self, e: &Expr) {
        let bound = &self.bound;
        self.out.extend(e.references().into_iter().filter(|t| !bound.contains(&t.root.name)));
    }

    fn body(&mut self, body: &Body, schema: &schema::Block, modes: &AttributeBlocks<'_>, skip: &[&str]) {
        let shape = Shape::of(body, schema, modes);
        // Decoding reports what is wrong.
        let content = content::read(body, &shape, skip, &mut Diagnostics::new());
        for (name, attribute) in &schema.attributes {
            if shape.has_block(name) {
                let elements = schema_of_elements(&attribute.ty);
                self.blocks(name, &elements, &AttributeBlocks::new(&elements), &content);
            } else if let Some(a) = content.attribute(name) {
                self.expr(&a.expr);
            }
        }
        for (name, nested) in &schema.blocks {
            self.blocks(name, &nested.block, &modes.inner(&nested.block), &content);
        }
    }

    fn blocks(
        &mut self,
        name: &str,
        schema: &schema::Block,
        modes: &AttributeBlocks<'_>,
        content: &Content<'_>,
    ) {
        for block in content.blocks() {
            if *block.ty.name == *name {
                self.body(&block.body, schema, modes, &[]);
            } else if content::is_dynamic_for(block, name) {
                self.dynamic(name, block, schema, modes);
            }
        }
    }

    fn dynamic(&mut self, name: &str, block: &Block, schema: &schema::Block, modes: &AttributeBlocks<'_>) {
        let attributes = vec![("for_each", false), ("iterator", false), ("labels", false)];
        let shape = Shape { attributes, blocks: vec![("content", &[])], dynamic: false };
        let content = content::read(&block.body, &shape, &[], &mut Diagnostics::new());
        if let Some(a) = content.attribute("for_each") {
            self.expr(&a.expr);
        }
        let iterator = content
            .attribute("iterator")
            .and_then(|a| iterator_name(&a.expr, block.body.json, &mut Diagnostics::new()));
        self.bound.push(iterator.unwrap_or_else(|| Name::from(name)));
        if let Some(a) = content.attribute("labels") {
            self.expr(&a.expr);
        }
        for inner in content.blocks() {
            self.body(&inner.body, schema, modes, &[]);
        }
        self.bound.pop();
    }
}
