//! Schemas of providers.

use super::value::{Obj, object};
use groma_provider::{FunctionParam, FunctionSignature, Schemas};
use groma_value::addr::Provider;
use groma_value::schema::{Attribute, Block, NestedBlock, Nesting, Schema};
use groma_value::{Name, json};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What `providers schema -json` prints.
pub fn schemas_json(schemas: &BTreeMap<Provider, Arc<dyn Schemas>>) -> Json {
    let mut out = Obj::new();
    out.put("format_version", "1.0");
    out.filled("provider_schemas", object(schemas.iter().map(|(p, s)| (p.to_string(), provider(p, &**s)))));
    out.json()
}

fn provider(addr: &Provider, s: &dyn Schemas) -> Json {
    let all = |types: Vec<String>, get: &dyn Fn(&str) -> Option<Arc<Schema>>| {
        object(types.into_iter().filter_map(|t| {
            let schema = get(&t)?;
            Some((t, versioned(&schema)))
        }))
    };
    let mut out = Obj::new();
    if addr.is_builtin() {
        // It cannot be configured, so there is no block, not even an empty one.
        let mut none = Obj::new();
        none.put("version", 0);
        out.put("provider", none.json());
    } else {
        out.put("provider", versioned(&s.provider()));
    }
    out.filled("resource_schemas", all(s.resource_types(), &|t| s.resource(t)));
    out.filled("data_source_schemas", all(s.data_source_types(), &|t| s.data_source(t)));
    out.filled("ephemeral_resource_schemas", all(s.ephemeral_types(), &|t| s.ephemeral(t)));
    out.filled("functions", object(s.functions().iter().map(|(n, f)| (n, function(f)))));
    out.json()
}

fn versioned(s: &Schema) -> Json {
    let mut out = Obj::new();
    out.put("version", s.version).put("block", block(&s.block));
    out.json()
}

fn block(b: &Block) -> Json {
    let mut out = Obj::new();
    out.filled("attributes", attributes(&b.attributes));
    out.filled("block_types", object(b.blocks.iter().map(|(n, b)| (n, nested_block(b)))));
    out.text("description", &b.description);
    out.put("description_kind", kind(b.description_markdown));
    out.flag("deprecated", b.deprecated);
    out.json()
}

fn kind(markdown: bool) -> &'static str {
    if markdown { "markdown" } else { "plain" }
}

fn nested_block(b: &NestedBlock) -> Json {
    let mut out = Obj::new();
    out.put("nesting_mode", nesting(b.nesting)).put("block", block(&b.block));
    out.opt("min_items", (b.min_items > 0).then_some(b.min_items));
    out.opt("max_items", (b.max_items > 0).then_some(b.max_items));
    out.json()
}

fn nesting(n: Nesting) -> &'static str {
    match n {
        Nesting::Single => "single",
        Nesting::Group => "group",
        Nesting::List => "list",
        Nesting::Set => "set",
        Nesting::Map => "map",
    }
}

fn attributes(attrs: &BTreeMap<Name, Attribute>) -> Json {
    object(attrs.iter().map(|(n, a)| (n, attribute(a))))
}

fn attribute(a: &Attribute) -> Json {
    let mut out = Obj::new();
    match &a.nested {
        None => {
            out.put("type", json::type_to_json(&a.ty));
        }
        Some(n) => {
            let mut nested = Obj::new();
            nested.filled("attributes", attributes(&n.attributes)).put("nesting_mode", nesting(n.nesting));
            out.put("nested_type", nested.json());
        }
    }
    out.text("description", &a.description);
    out.put("description_kind", kind(a.description_markdown));
    out.flag("deprecated", a.deprecated);
    out.flag("required", a.required);
    out.flag("optional", a.optional);
    out.flag("computed", a.computed);
    out.flag("sensitive", a.sensitive);
    out.flag("write_only", a.write_only);
    out.json()
}

fn function(f: &FunctionSignature) -> Json {
    let mut out = Obj::new();
    out.text("description", &f.description).text("summary", &f.summary);
    out.text("deprecation_message", &f.deprecation);
    out.put("return_type", json::type_to_json(&f.return_type));
    out.filled("parameters", f.params.iter().map(parameter).collect());
    out.opt("variadic_parameter", f.variadic.as_ref().map(parameter));
    out.json()
}

fn parameter(p: &FunctionParam) -> Json {
    let mut out = Obj::new();
    out.put("name", &*p.name).text("description", &p.description);
    out.flag("is_nullable", p.allow_null);
    out.put("type", json::type_to_json(&p.ty));
    out.json()
}
