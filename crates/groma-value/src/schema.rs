//! Schemas: the shape of a configuration block, as providers declare it.

use crate::types::{Name, ObjectType, Type};
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// A versioned schema of a resource, data source or provider configuration.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Schema version; states of older versions are upgraded by the provider.
    pub version: i64,
    /// The shape.
    pub block: Arc<Block>,
}

/// What may stand in a block.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Attributes by name.
    pub attributes: BTreeMap<Name, Attribute>,
    /// Nested block types by name.
    pub blocks: BTreeMap<Name, NestedBlock>,
    /// Documentation.
    pub description: Arc<str>,
    /// Whether `description` is Markdown.
    pub description_markdown: bool,
    /// Whether use of the block should warn.
    pub deprecated: bool,
    implied: OnceLock<Type>,
    contains: OnceLock<Contains>,
}

/// What occurs anywhere within a block.
#[derive(Clone, Copy, Debug, Default)]
struct Contains {
    sensitive: bool,
    write_only: bool,
}

impl Contains {
    fn in_attributes(attrs: &BTreeMap<Name, Attribute>) -> Contains {
        attrs.values().fold(Contains::default(), |c, a| {
            let nested =
                a.nested.as_ref().map(|n| Contains::in_attributes(&n.attributes)).unwrap_or_default();
            Contains {
                sensitive: c.sensitive || a.sensitive || nested.sensitive,
                write_only: c.write_only || a.write_only || nested.write_only,
            }
        })
    }
}

/// An attribute.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its type; for an attribute with `nested`, the implied type of that.
    pub ty: Type,
    /// The structure of a nested attribute (protocol 6), if it is one.
    pub nested: Option<Arc<NestedObject>>,
    /// Must be set.
    pub required: bool,
    /// May be set.
    pub optional: bool,
    /// The provider may give it a value when it is not set.
    pub computed: bool,
    /// Values are sensitive.
    pub sensitive: bool,
    /// Values go to the provider only and are never stored.
    pub write_only: bool,
    /// Use should warn.
    pub deprecated: bool,
    /// Documentation.
    pub description: Arc<str>,
    /// Whether `description` is Markdown.
    pub description_markdown: bool,
}

/// The structure of a nested attribute.
#[derive(Clone, Debug)]
pub struct NestedObject {
    /// Its attributes.
    pub attributes: BTreeMap<Name, Attribute>,
    /// How many there are and how they are addressed: never `Group`.
    pub nesting: Nesting,
}

/// A nested block type.
#[derive(Clone, Debug)]
pub struct NestedBlock {
    /// The shape of one block.
    pub block: Arc<Block>,
    /// How many there are and how they are addressed.
    pub nesting: Nesting,
    /// Least number of blocks.
    pub min_items: u64,
    /// Greatest number of blocks; 0 means no limit.
    pub max_items: u64,
}

/// How repeated nested values are collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// One object or null.
    Single,
    /// One object, never null (absent means all defaults).
    Group,
    /// A list of objects (a tuple where the type has dynamic parts).
    List,
    /// A set of objects.
    Set,
    /// A map of objects, keyed by the block label (an object where dynamic).
    Map,
}

impl Attribute {
    /// An attribute of type `ty` with no flags set.
    pub fn new(ty: Type) -> Attribute {
        Attribute {
            ty,
            nested: None,
            required: false,
            optional: false,
            computed: false,
            sensitive: false,
            write_only: false,
            deprecated: false,
            description: Arc::from(""),
            description_markdown: false,
        }
    }
    /// An optional attribute.
    pub fn optional(ty: Type) -> Attribute {
        Attribute { optional: true, ..Attribute::new(ty) }
    }
    /// A required attribute.
    pub fn required(ty: Type) -> Attribute {
        Attribute { required: true, ..Attribute::new(ty) }
    }
    /// The type to which configuration is converted: the attribute's type, in
    /// which nested attributes that need not be written are optional.
    pub fn config_type(&self) -> Type {
        self.nested.as_ref().map_or_else(|| self.ty.clone(), |n| n.config_type())
    }
    /// A computed attribute.
    pub fn computed(ty: Type) -> Attribute {
        Attribute { computed: true, ..Attribute::new(ty) }
    }
}

impl NestedObject {
    /// The type to which configuration is converted: as [`NestedObject::implied_type`],
    /// with attributes that need not be written being optional.
    pub fn config_type(&self) -> Type {
        let attrs = self.attributes.iter().map(|(n, a)| (n.clone(), a.config_type())).collect();
        let optional = self
            .attributes
            .iter()
            .filter(|(_, a)| a.optional || a.computed)
            .map(|(n, _)| n.clone())
            .collect();
        let obj = Type::object_with_optional(attrs, optional);
        match self.nesting {
            Nesting::Single | Nesting::Group => obj,
            Nesting::List => Type::list(obj),
            Nesting::Set => Type::set(obj),
            Nesting::Map => Type::map(obj),
        }
    }
    /// Whether any attribute, at any depth, is sensitive.
    pub fn contains_sensitive(&self) -> bool {
        Contains::in_attributes(&self.attributes).sensitive
    }
    /// Whether any attribute, at any depth, is write-only.
    pub fn contains_write_only(&self) -> bool {
        Contains::in_attributes(&self.attributes).write_only
    }
    /// The type of the attribute: object, list of object, ...
    pub fn implied_type(&self) -> Type {
        let obj = Type::object(self.attributes.iter().map(|(n, a)| (n.clone(), a.ty.clone())));
        match self.nesting {
            Nesting::Single | Nesting::Group => obj,
            Nesting::List => Type::list(obj),
            Nesting::Set => Type::set(obj),
            Nesting::Map => Type::map(obj),
        }
    }
}

impl Block {
    /// A block of attributes only.
    pub fn of_attributes<N: Into<Name>>(attrs: impl IntoIterator<Item = (N, Attribute)>) -> Block {
        Block { attributes: attrs.into_iter().map(|(n, a)| (n.into(), a)).collect(), ..Block::default() }
    }
    /// The object type of values of this block. Built once.
    pub fn implied_type(&self) -> &Type {
        self.implied.get_or_init(|| {
            let mut attrs: BTreeMap<Name, Type> =
                self.attributes.iter().map(|(n, a)| (n.clone(), a.ty.clone())).collect();
            for (n, b) in &self.blocks {
                attrs.insert(n.clone(), b.implied_type());
            }
            Type::Object(Arc::new(ObjectType { attrs, optional: BTreeSet::new() }))
        })
    }
    /// The value of a block in which nothing is set: null attributes, and empty
    /// collections of blocks.
    pub fn empty_value(&self) -> Value {
        let attrs = self.attributes.iter().map(|(n, a)| (n.clone(), Value::Null(a.ty.clone())));
        let blocks = self.blocks.iter().map(|(n, b)| (n.clone(), b.empty_value()));
        Value::object(attrs.chain(blocks))
    }
    /// Whether any attribute, at any depth, is sensitive. Found out once.
    pub fn contains_sensitive(&self) -> bool {
        self.contains().sensitive
    }
    /// Whether any attribute, at any depth, is write-only. Found out once.
    pub fn contains_write_only(&self) -> bool {
        self.contains().write_only
    }
    fn contains(&self) -> Contains {
        *self.contains.get_or_init(|| {
            self.blocks.values().fold(Contains::in_attributes(&self.attributes), |c, b| {
                let inner = b.block.contains();
                Contains {
                    sensitive: c.sensitive || inner.sensitive,
                    write_only: c.write_only || inner.write_only,
                }
            })
        })
    }
}

impl NestedBlock {
    /// The type of the attribute that holds these blocks' values.
    pub fn implied_type(&self) -> Type {
        let t = self.block.implied_type().clone();
        match self.nesting {
            Nesting::Single | Nesting::Group => t,
            // A dynamic part may differ between elements, so there can be no
            // common element type.
            Nesting::List | Nesting::Map if t.has_dynamic() => Type::Dynamic,
            Nesting::List => Type::list(t),
            Nesting::Set => Type::set(t),
            Nesting::Map => Type::map(t),
        }
    }
    /// The value when no such block is written.
    pub fn empty_value(&self) -> Value {
        let t = self.block.implied_type();
        match self.nesting {
            Nesting::Single => Value::Null(t.clone()),
            Nesting::Group => self.block.empty_value(),
            Nesting::List if t.has_dynamic() => Value::tuple(Vec::new()),
            Nesting::List => Value::list(t.clone(), Vec::new()),
            Nesting::Set => Value::set(t.clone(), Vec::new()),
            Nesting::Map if t.has_dynamic() => Value::empty_object(),
            Nesting::Map => Value::map::<Name>(t.clone(), []),
        }
    }
}
