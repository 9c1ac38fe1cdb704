//! Bodies decoded by us and by `terraform`, diagnostics compared, with the schema
//! of the real AWS provider.

use groma_lang::ast::Block;
use groma_lang::decode::decode_block_skipping;
use groma_lang::eval::{Resolved, Scope, Step, range_text};
use groma_lang::functions::{FunctionContext, Functions};
use groma_lang::{Diagnostics, Ident, Sources, Span, syntax};
use groma_testkit::{Workdir, mirror, oracle, skip};
use groma_value::schema::{Attribute, NestedBlock, Nesting};
use groma_value::{Mark, Name, Type, Value, json, schema};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::time::Duration;

const SOURCE: &str = include_str!("eval/decode.tf");

struct Names<'a> {
    var: Value,
    functions: &'a Functions,
    sources: &'a Sources,
}

impl Scope for Names<'_> {
    fn resolve(&self, root: &Ident, _: &[Step], diags: &mut Diagnostics) -> Option<Resolved> {
        if &*root.name != "var" {
            diags.error(root.span, "No such name", root.name.to_string());
            return None;
        }
        Some(Resolved { value: self.var.clone(), consumed: 0 })
    }
    fn functions(&self) -> &Functions {
        self.functions
    }
    fn describe_span(&self, span: Span) -> Option<String> {
        Some(range_text(self.sources, span))
    }
}

#[test]
fn structural_diagnostics_are_the_oracles() {
    if oracle().is_none() || mirror().is_none() {
        return skip("no terraform, or no mirror with the AWS provider");
    }
    let mut workdir = Workdir::new();
    workdir.timeout(Duration::from_secs(300));
    workdir.write("main.tf", SOURCE);
    workdir.terraform(["init"]).expect_success();
    let report = workdir.terraform(["validate", "-json"]).json();
    let schemas = workdir.terraform(["providers", "schema", "-json"]).expect_success().json();
    let schemas = &schemas["provider_schemas"]["registry.terraform.io/hashicorp/aws"]["resource_schemas"];
    let sources = Sources::new();
    let file = sources.add("main.tf", SOURCE);
    let mut diags = Diagnostics::new();
    let body = syntax::parse_file(&file, &mut diags);
    assert!(diags.is_empty(), "{diags:?}");
    let functions = Functions::standard(&FunctionContext::default());
    let set = || Value::unknown(Type::set(Type::String));
    let var = [("unk", set()), ("sec", set().mark(Mark::Sensitive)), ("eph", set().mark(Mark::Ephemeral))];
    let scope = Names { var: Value::object(var), functions: &functions, sources: &sources };
    let resources: Vec<&Block> = body.blocks_of("resource").collect();
    let theirs = by_resource(&report, &resources);
    let mut differences = Vec::new();
    for (i, resource) in resources.iter().enumerate() {
        let schema = block(&schemas[&*resource.labels[0].name]["block"]);
        let mut diags = Diagnostics::new();
        let value = decode_block_skipping(&resource.body, &schema, &[], &scope, &mut diags);
        assert_eq!(&value.ty(), schema.implied_type(), "the value is of the schema's type");
        let mut ours: Vec<String> = diags
            .iter()
            .map(|d| {
                let span = d.subject.expect("a place");
                text(span.start, span.end.max(span.start + 1), &d.summary, &d.detail)
            })
            .collect();
        let mut theirs = theirs.get(&i).cloned().unwrap_or_default();
        ours.sort();
        theirs.sort();
        if ours != theirs {
            let name = &resource.labels[1].name;
            differences.push(format!(
                "{name}\n  ours:\n    {}\n  theirs:\n    {}",
                ours.join("\n    "),
                theirs.join("\n    ")
            ));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

/// The oracle's diagnostics, without those which the provider made.
fn by_resource(report: &Json, resources: &[&Block]) -> BTreeMap<usize, Vec<String>> {
    let mut out: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for d in report["diagnostics"].as_array().expect("a list").iter().filter(|d| d["address"].is_null()) {
        let at = |end: &str| d["range"][end]["byte"].as_u64().expect("a place") as u32;
        let (start, end) = (at("start"), at("end"));
        let which = resources.iter().position(|r| r.span.start <= start && start < r.span.end);
        let which = which.unwrap_or_else(|| panic!("a diagnostic elsewhere: {d}"));
        let words = |key: &str| d[key].as_str().expect("text").to_owned();
        out.entry(which).or_default().push(text(start, end, &words("summary"), &words("detail")));
    }
    out
}

fn text(start: u32, end: u32, summary: &str, detail: &str) -> String {
    let line = SOURCE[..start as usize].lines().count();
    format!("{line} [{}] {summary}: {detail}", &SOURCE[start as usize..end as usize])
}

fn block(j: &Json) -> schema::Block {
    let mut block = schema::Block::default();
    for (name, a) in j["attributes"].as_object().into_iter().flatten() {
        block.attributes.insert(Name::from(name.as_str()), attribute(a));
    }
    for (name, b) in j["block_types"].as_object().into_iter().flatten() {
        let nested = NestedBlock {
            block: block_of(&b["block"]),
            nesting: nesting(b["nesting_mode"].as_str()),
            min_items: b["min_items"].as_u64().unwrap_or(0),
            max_items: b["max_items"].as_u64().unwrap_or(0),
        };
        block.blocks.insert(Name::from(name.as_str()), nested);
    }
    block
}

fn block_of(j: &Json) -> std::sync::Arc<schema::Block> {
    std::sync::Arc::new(block(j))
}

fn attribute(j: &Json) -> Attribute {
    let ty = json::type_from_json(&j["type"]).expect("a type");
    let flag = |name: &str| j[name].as_bool().unwrap_or(false);
    Attribute {
        required: flag("required"),
        optional: flag("optional"),
        computed: flag("computed"),
        ..Attribute::new(ty)
    }
}

fn nesting(mode: Option<&str>) -> Nesting {
    match mode {
        Some("single") => Nesting::Single,
        Some("group") => Nesting::Group,
        Some("list") => Nesting::List,
        Some("map") => Nesting::Map,
        _ => Nesting::Set,
    }
}
