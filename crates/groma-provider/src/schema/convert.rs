//! From the protocol's schema messages to the schema model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use groma_value::schema::{Attribute, Block, NestedBlock, NestedObject, Nesting, Schema};
use groma_value::{Name, Type};
use prost::Message;

use crate::api::{FunctionParam, FunctionSignature};
use crate::proto::{self, Protocol, v5, v6};

/// What is wrong with a schema that a provider gave.
pub(crate) type SchemaError = String;

/// Decodes a `Schema` message.
pub(crate) fn schema(protocol: Protocol, bytes: &[u8]) -> Result<Schema, SchemaError> {
    let undecodable = |error: prost::DecodeError| format!("the schema cannot be decoded: {error}");
    let message = match protocol {
        Protocol::V5 => upgrade_schema(v5::Schema::decode(bytes).map_err(undecodable)?),
        Protocol::V6 => v6::Schema::decode(bytes).map_err(undecodable)?,
    };
    Ok(Schema { version: message.version, block: Arc::new(block(message.block.unwrap_or_default())?) })
}

/// Decodes an `ActionSchema`, which wraps a schema.
pub(crate) fn action(protocol: Protocol, bytes: &[u8]) -> Result<Schema, SchemaError> {
    for field in crate::wire::Fields::new(bytes, 0..bytes.len()) {
        let field = field.map_err(|_| "the action's schema cannot be decoded".to_owned())?;
        if let (1, Some(content)) = (field.number, field.content) {
            return schema(protocol, &bytes[content]);
        }
    }
    Ok(Schema::default())
}

/// Decodes a `ResourceIdentitySchema`: its attributes are required or optional for import.
pub(crate) fn identity(bytes: &[u8]) -> Result<Schema, SchemaError> {
    let message = proto::ResourceIdentitySchema::decode(bytes)
        .map_err(|error| format!("the identity schema cannot be decoded: {error}"))?;
    let mut attributes = BTreeMap::new();
    for item in message.identity_attributes {
        let attribute = Attribute {
            required: item.required_for_import,
            optional: item.optional_for_import,
            description: item.description.into(),
            ..Attribute::new(parse_type(&item.r#type)?)
        };
        attributes.insert(Name::from(item.name), attribute);
    }
    Ok(Schema { version: message.version, block: Arc::new(Block::of_attributes(attributes)) })
}

/// Decodes a `Function`.
pub(crate) fn function(bytes: &[u8]) -> Result<FunctionSignature, SchemaError> {
    let message = proto::Function::decode(bytes)
        .map_err(|error| format!("the function's signature cannot be decoded: {error}"))?;
    let param = |item: proto::Parameter| -> Result<FunctionParam, SchemaError> {
        Ok(FunctionParam {
            ty: parse_type(&item.r#type)?,
            name: item.name,
            allow_null: item.allow_null_value,
            allow_unknown: item.allow_unknown_values,
            description: item.description,
        })
    };
    Ok(FunctionSignature {
        params: message.parameters.into_iter().map(param).collect::<Result<_, _>>()?,
        variadic: message.variadic_parameter.map(param).transpose()?,
        return_type: parse_type(&message.r#return.unwrap_or_default().r#type)?,
        summary: message.summary,
        description: message.description,
        deprecation: message.deprecation_message,
    })
}

/// The type of argument `index`, counting from 0: variadic arguments share one.
pub(crate) fn argument_type(signature: &FunctionSignature, index: usize) -> Option<&Type> {
    signature.params.get(index).or(signature.variadic.as_ref()).map(|param| &param.ty)
}

/// Protocol 5 is protocol 6 without nested attributes, numbered differently.
fn upgrade_schema(schema: v5::Schema) -> v6::Schema {
    v6::Schema { version: schema.version, block: schema.block.map(upgrade_block) }
}

fn upgrade_block(block: v5::Block) -> v6::Block {
    let attribute = |item: v5::Attribute| v6::Attribute {
        name: item.name,
        r#type: item.r#type,
        description: item.description,
        required: item.required,
        optional: item.optional,
        computed: item.computed,
        sensitive: item.sensitive,
        description_kind: item.description_kind,
        deprecated: item.deprecated,
        nested_type: None,
        write_only: item.write_only,
        deprecation_message: item.deprecation_message,
    };
    let nested = |item: v5::NestedBlock| v6::NestedBlock {
        type_name: item.type_name,
        block: item.block.map(upgrade_block),
        nesting: item.nesting,
        min_items: item.min_items,
        max_items: item.max_items,
    };
    v6::Block {
        version: block.version,
        attributes: block.attributes.into_iter().map(attribute).collect(),
        block_types: block.block_types.into_iter().map(nested).collect(),
        description: block.description,
        description_kind: block.description_kind,
        deprecated: block.deprecated,
        deprecation_message: block.deprecation_message,
    }
}

fn block(message: v6::Block) -> Result<Block, SchemaError> {
    let mut blocks = BTreeMap::new();
    for item in message.block_types {
        let nesting = nesting(item.nesting)
            .ok_or_else(|| format!("block {:?} has the unknown nesting {}", item.type_name, item.nesting))?;
        let nested = NestedBlock {
            block: Arc::new(block(item.block.unwrap_or_default())?),
            nesting,
            min_items: u64::try_from(item.min_items).unwrap_or(0),
            max_items: u64::try_from(item.max_items).unwrap_or(0),
        };
        blocks.insert(Name::from(item.type_name), nested);
    }
    let mut block = Block::of_attributes(attributes(message.attributes)?);
    block.blocks = blocks;
    block.description = message.description.into();
    block.description_markdown = message.description_kind == 1;
    block.deprecated = message.deprecated;
    Ok(block)
}

fn attributes(messages: Vec<v6::Attribute>) -> Result<BTreeMap<Name, Attribute>, SchemaError> {
    let mut attributes = BTreeMap::new();
    for item in messages {
        let nested = item.nested_type.map(|object| nested_object(&item.name, object)).transpose()?;
        let ty = match &nested {
            Some(object) => object.implied_type(),
            None => {
                parse_type(&item.r#type).map_err(|error| format!("attribute {:?}: {error}", item.name))?
            }
        };
        let attribute = Attribute {
            ty,
            nested: nested.map(Arc::new),
            required: item.required,
            optional: item.optional,
            computed: item.computed,
            sensitive: item.sensitive,
            write_only: item.write_only,
            deprecated: item.deprecated,
            description: item.description.into(),
            description_markdown: item.description_kind == 1,
        };
        attributes.insert(Name::from(item.name), attribute);
    }
    Ok(attributes)
}

fn nested_object(name: &str, object: v6::Object) -> Result<NestedObject, SchemaError> {
    let nesting = nesting(object.nesting)
        .filter(|nesting| *nesting != Nesting::Group)
        .ok_or_else(|| format!("attribute {name:?} has the unknown nesting {}", object.nesting))?;
    Ok(NestedObject { attributes: attributes(object.attributes)?, nesting })
}

fn nesting(number: i32) -> Option<Nesting> {
    match number {
        1 => Some(Nesting::Single),
        2 => Some(Nesting::List),
        3 => Some(Nesting::Set),
        4 => Some(Nesting::Map),
        5 => Some(Nesting::Group),
        _ => None,
    }
}

/// Reads a type in its JSON form: `"string"`, `["list","string"]`, `["object",{"a":"bool"}]`.
pub(crate) fn parse_type(json: &[u8]) -> Result<Type, SchemaError> {
    // Nearly all types of a schema are one of these.
    match json {
        b"\"string\"" => return Ok(Type::String),
        b"\"bool\"" => return Ok(Type::Bool),
        b"\"number\"" => return Ok(Type::Number),
        _ => {}
    }
    let text = || String::from_utf8_lossy(json).into_owned();
    let value: serde_json::Value =
        serde_json::from_slice(json).map_err(|error| format!("invalid type {:?}: {error}", text()))?;
    type_from_json(&value).ok_or_else(|| format!("invalid type {}", text()))
}

fn type_from_json(value: &serde_json::Value) -> Option<Type> {
    use serde_json::Value as Json;
    let parts = match value {
        Json::String(name) => {
            return match name.as_str() {
                "string" => Some(Type::String),
                "bool" => Some(Type::Bool),
                "number" => Some(Type::Number),
                "dynamic" => Some(Type::Dynamic),
                _ => None,
            };
        }
        Json::Array(parts) => parts,
        _ => return None,
    };
    match (parts.first()?.as_str()?, &parts[1..]) {
        ("list", [element]) => Some(Type::list(type_from_json(element)?)),
        ("set", [element]) => Some(Type::set(type_from_json(element)?)),
        ("map", [element]) => Some(Type::map(type_from_json(element)?)),
        ("tuple", [Json::Array(elements)]) => {
            Some(Type::tuple(elements.iter().map(type_from_json).collect::<Option<Vec<_>>>()?))
        }
        ("object", [Json::Object(members), rest @ ..]) => {
            let mut attributes = BTreeMap::new();
            for (name, ty) in members {
                attributes.insert(Name::from(name.as_str()), type_from_json(ty)?);
            }
            let optional = match rest {
                [] => BTreeSet::new(),
                [Json::Array(names)] => {
                    names.iter().map(|name| name.as_str().map(Name::from)).collect::<Option<_>>()?
                }
                _ => return None,
            };
            Some(Type::object_with_optional(attributes, optional))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types() {
        for (json, text) in [
            (r#""string""#, "string"),
            (r#""dynamic""#, "any"),
            (r#"["list","bool"]"#, "list(bool)"),
            (r#"["set",["map","number"]]"#, "set(map(number))"),
            (r#"["tuple",["string","bool"]]"#, "tuple([string, bool])"),
            (r#"["object",{"b":"bool","a":"string"}]"#, "object({a = string, b = bool})"),
            (r#"["object",{"a":"string"},["a"]]"#, "object({a = optional(string)})"),
        ] {
            assert_eq!(parse_type(json.as_bytes()).unwrap().to_string(), text);
        }
        for bad in ["", "\"text\"", "[]", r#"["list"]"#, r#"["object",[]]"#, "{}", "[1]"] {
            assert!(parse_type(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn both_protocols_give_the_same_schema() {
        let old = v5::Schema {
            version: 3,
            block: Some(v5::Block {
                attributes: vec![v5::Attribute {
                    name: "a".into(),
                    r#type: (&b"\"string\""[..]).into(),
                    optional: true,
                    write_only: true,
                    ..Default::default()
                }],
                block_types: vec![v5::NestedBlock {
                    type_name: "b".into(),
                    nesting: 3,
                    max_items: 2,
                    ..Default::default()
                }],
                ..Default::default()
            }),
        };
        let new = upgrade_schema(old.clone());
        let old = schema(Protocol::V5, &old.encode_to_vec()).unwrap();
        let new = schema(Protocol::V6, &new.encode_to_vec()).unwrap();
        for schema in [old, new] {
            assert_eq!(schema.version, 3);
            let attribute = schema.block.attributes.get("a").unwrap();
            assert!(attribute.optional && attribute.write_only && !attribute.computed);
            let nested = schema.block.blocks.get("b").unwrap();
            assert_eq!((nested.nesting, nested.max_items), (Nesting::Set, 2));
            assert_eq!(schema.block.implied_type().to_string(), "object({a = string, b = set(object({}))})");
        }
    }

    #[test]
    fn nested_attributes() {
        let message = v6::Schema {
            version: 0,
            block: Some(v6::Block {
                attributes: vec![v6::Attribute {
                    name: "n".into(),
                    nested_type: Some(v6::Object {
                        attributes: vec![v6::Attribute {
                            name: "x".into(),
                            r#type: (&b"\"number\""[..]).into(),
                            ..Default::default()
                        }],
                        nesting: 4,
                    }),
                    ..Default::default()
                }],
                ..Default::default()
            }),
        };
        let schema = schema(Protocol::V6, &message.encode_to_vec()).unwrap();
        assert_eq!(schema.block.implied_type().to_string(), "object({n = map(object({x = number}))})");
    }
}
