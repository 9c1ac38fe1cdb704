use super::*;
use crate::eval::Bindings;
use crate::functions::{FunctionContext, Functions};
use crate::source::Sources;
use crate::syntax;
use groma_value::schema::{Attribute as A, Block as B, NestedBlock as N};
use groma_value::{Mark, Path, PathStep};

fn nested(nesting: Nesting, block: B) -> N {
    N { block: Arc::new(block), nesting, min_items: 0, max_items: 0 }
}

/// A schema with every way of nesting.
fn schema() -> B {
    let leaf = || B::of_attributes([("x", A::optional(Type::String)), ("n", A::optional(Type::Number))]);
    let mut inner = leaf();
    inner.blocks.insert("deep".into(), nested(Nesting::List, leaf()));
    let mut schema = B::of_attributes([
        ("name", A::required(Type::String)),
        ("tags", A::optional(Type::map(Type::String))),
        ("computed", A::computed(Type::Number)),
    ]);
    for (name, nesting) in [
        ("single", Nesting::Single),
        ("group", Nesting::Group),
        ("list", Nesting::List),
        ("set", Nesting::Set),
        ("map", Nesting::Map),
    ] {
        schema.blocks.insert(name.into(), nested(nesting, inner_of(&inner)));
    }
    let mut any = B::default();
    any.attributes.insert("v".into(), A::optional(Type::Dynamic));
    schema.blocks.insert("any".into(), nested(Nesting::List, any));
    schema
}

fn inner_of(b: &B) -> B {
    let mut copy = B::of_attributes(b.attributes.clone());
    copy.blocks = b.blocks.clone();
    copy
}

/// A schema of the old kind, with attributes that may be blocks.
fn legacy() -> B {
    let object = || Type::object([("port", Type::Number), ("cidrs", Type::list(Type::String))]);
    B::of_attributes([
        ("ingress", A::optional(Type::set(object()))),
        ("rules", A::required(Type::list(object()))),
    ])
}

struct Decoded {
    value: Value,
    errors: Vec<String>,
    body: Body,
    text: String,
}

impl Decoded {
    fn at(&self, path: &str) -> Value {
        parse_path(path).apply(&self.value).unwrap_or_else(|| panic!("no {path} in {:?}", self.value))
    }
    fn place(&self, path: &str) -> &str {
        let span = span_of_path(&self.body, &parse_path(path));
        &self.text[span.start as usize..span.end.max(span.start + 1) as usize]
    }
}

/// `a.0.b`: attributes and numbers.
fn parse_path(path: &str) -> Path {
    let steps =
        path.split('.').filter(|s| !s.is_empty()).map(|s| match (s.parse::<i64>(), s.strip_prefix('@')) {
            (Ok(n), _) => PathStep::Index(Value::int(n)),
            (_, Some(key)) => PathStep::Index(Value::from(key)),
            _ => PathStep::Attr(s.into()),
        });
    Path(steps.collect())
}

fn decode_with(schema: &B, text: &str, json: bool) -> Decoded {
    let sources = Sources::new();
    let file = sources.add("main.tf", text);
    let mut diags = Diagnostics::new();
    let body =
        if json { syntax::parse_json_file(&file, &mut diags) } else { syntax::parse_file(&file, &mut diags) };
    assert!(diags.is_empty(), "{diags:?}");
    let functions = Functions::standard(&FunctionContext::default());
    let scope = Bindings::new(
        [
            ("unknown", Value::unknown(Type::set(Type::String))),
            ("secret", Value::list(Type::String, vec!["a".into()]).mark(Mark::Sensitive)),
            ("nothing", Value::null(Type::Dynamic)),
        ],
        &functions,
    );
    let value = decode_block(&body, schema, &scope, &mut diags);
    assert_eq!(value.ty().attr("name"), schema.implied_type().attr("name"));
    let errors = diags.iter().map(|d| format!("{}: {}", d.summary, d.detail)).collect();
    Decoded { value, errors, body, text: text.to_owned() }
}

fn decode(text: &str) -> Decoded {
    decode_with(&schema(), text, false)
}

#[test]
fn an_empty_body_has_nulls_and_empty_collections() {
    let d = decode("name = \"a\"\n");
    assert_eq!(d.errors, Vec::<String>::new());
    let mut expected = schema().empty_value();
    if let Value::Object(f) = &mut expected {
        Arc::make_mut(f).insert("name", Value::from("a"));
    }
    assert_eq!(d.value, expected);
    assert!(d.at("single").is_null() && !d.at("group").is_null());
}

#[test]
fn blocks_are_collected_by_their_nesting() {
    let d = decode(
        r#"
name = 5
single { x = "s" }
group { n = "7" }
list { x = "l0" }
list {
  x = "l1"
  deep { n = 1 }
  deep { n = 2 }
}
set { x = "same" }
set { x = "same" }
map "k" { x = "m" }
any { v = 1 }
any { v = ["t"] }
"#,
    );
    assert_eq!(d.errors, Vec::<String>::new());
    assert_eq!(d.at("name"), Value::from("5"));
    assert_eq!(d.at("single.x"), Value::from("s"));
    assert_eq!(d.at("group.n"), Value::int(7));
    assert_eq!(d.at("list.1.deep.1.n"), Value::int(2));
    assert_eq!(d.at("set").as_elements().map(<[Value]>::len), Some(1));
    assert_eq!(d.at("map.@k.x"), Value::from("m"));
    assert_eq!(
        d.at("any").ty(),
        Type::tuple([
            Type::object([("v", Type::Number)]),
            Type::object([("v", Type::tuple([Type::String]))]),
        ])
    );
}

#[test]
fn faults_are_named() {
    let d = decode("nam = 1\nsingl {}\nsingle = 1\nname {}\nmap {}\nmap \"a\" \"b\" {}\nlist \"x\" {}\n");
    assert_eq!(
        d.errors,
        [
            "Unsupported argument: An argument named \"nam\" is not expected here. Did you mean \"name\"?",
            "Unsupported argument: An argument named \"single\" is not expected here. Did you mean to define a block of type \"single\"?",
            "Unsupported block type: Blocks of type \"singl\" are not expected here. Did you mean \"single\"?",
            "Unsupported block type: Blocks of type \"name\" are not expected here. Did you mean to define argument \"name\"? If so, use the equals sign to assign it a value.",
            "Missing key for map: All map blocks must have 1 labels (key).",
            "Extraneous label for map: Only 1 labels (key) are expected for map blocks.",
            "Extraneous label for list: No labels are expected for list blocks.",
            "Missing required argument: The argument \"name\" is required, but no definition was found.",
        ]
    );
}

#[test]
fn blocks_that_are_too_many_are_refused() {
    let d = decode("name = \"\"\nsingle {}\nsingle {}\nmap \"a\" {}\nmap \"a\" {}\n");
    assert_eq!(
        d.errors,
        [
            "Duplicate map block: A block for map \"a\" was already defined. The map labels must be unique.",
            "Duplicate single block: Only one block of type \"single\" is allowed.",
        ]
    );
}

#[test]
fn dynamic_blocks_repeat_their_content() {
    let d = decode(
        r#"
name = "a"
dynamic "list" {
  for_each = ["p", "q"]
  iterator = it
  content {
    x = it.value
    n = it.key
    dynamic "deep" {
      for_each = [it.value, "r"]
      content { x = "${it.value}-${deep.value}" }
    }
  }
}
dynamic "map" {
  for_each = { a = 1 }
  labels   = ["${map.key}!"]
  content { n = map.value }
}
list { x = "last" }
"#,
    );
    assert_eq!(d.errors, Vec::<String>::new());
    assert_eq!(d.at("list.1.x"), Value::from("q"));
    assert_eq!(d.at("list.1.n"), Value::int(1));
    assert_eq!(d.at("list.1.deep.1.x"), Value::from("q-r"));
    assert_eq!(d.at("list.2.x"), Value::from("last"));
    assert_eq!(d.at("map.@a!.n"), Value::int(1));
}

#[test]
fn an_unknown_for_each_makes_the_blocks_unknown() {
    let d = decode(
        "name = \"a\"\ndynamic \"list\" {\n  for_each = unknown\n  content {\n    x = list.value.nope\n  }\n}\ndynamic \"single\" {\n  for_each = unknown\n  content {\n    x = single.value\n  }\n}\n",
    );
    assert_eq!(d.errors, Vec::<String>::new());
    assert!(matches!(d.at("list"), Value::Unknown(Type::List(_), None)));
    assert!(!d.at("single").is_null());
    assert_eq!(d.at("single.x"), Value::unknown(Type::String));
    assert_eq!(d.at("single.n"), Value::null(Type::Number));
}

#[test]
fn marks_of_for_each_reach_the_content() {
    let d = decode("name = \"a\"\ndynamic \"list\" {\n  for_each = secret\n  content {\n    n = 1\n  }\n}\n");
    let Value::List(list) = d.at("list") else { panic!("a list") };
    assert!(list.items[0].is_marked());
    assert!(list.items[0].peel().get_attr("n").is_some_and(|v| v.has_mark(&Mark::Sensitive)));
}

#[test]
fn dynamic_faults_are_named() {
    let d = decode(
        "name = \"a\"\ndynamic \"list\" {\n  for_each = nothing\n  content {}\n}\ndynamic \"map\" {\n  for_each = [1]\n  labels = [unknown]\n  content {}\n}\n",
    );
    assert_eq!(
        d.errors,
        [
            "Invalid dynamic for_each value: Cannot use a null value in for_each.",
            "Invalid dynamic block label: Cannot use this value as a dynamic block label: string required.",
        ]
    );
}

#[test]
fn attributes_of_old_schemas_may_be_blocks() {
    let d = decode_with(
        &legacy(),
        "rules {\n  port = \"1\"\n}\nrules {\n  cidrs = [1]\n}\ndynamic \"ingress\" {\n  for_each = [5]\n  content {\n    port = ingress.value\n  }\n}\n",
        false,
    );
    assert_eq!(d.errors, Vec::<String>::new());
    assert_eq!(d.at("rules.0.port"), Value::int(1));
    assert_eq!(d.at("rules.1.cidrs.0"), Value::from("1"));
    assert_eq!(&d.value.ty(), legacy().implied_type());
    let d = decode_with(&legacy(), "ingress = []\n", false);
    assert_eq!(d.errors, Vec::<String>::new(), "no blocks at all is no missing argument");
    let mut modern = legacy();
    modern.attributes.insert("o".into(), A::optional(Type::object([("a", Type::Bool)])));
    let d = decode_with(&modern, "rules = []\ningress {\n}\n", false);
    assert_eq!(d.errors.len(), 1, "{:?}", d.errors);
}

#[test]
fn nested_attributes_may_leave_out_what_is_optional() {
    let object = schema::NestedObject {
        attributes: [("a", A::required(Type::String)), ("b", A::optional(Type::Number))]
            .map(|(n, a)| (Name::from(n), a))
            .into(),
        nesting: Nesting::List,
    };
    let ty = object.implied_type();
    let attribute = A { nested: Some(Arc::new(object)), ..A::optional(ty) };
    let schema = B::of_attributes([("o", attribute)]);
    let d = decode_with(&schema, "o = [{ a = 1 }]\n", false);
    assert_eq!(d.errors, Vec::<String>::new());
    assert_eq!(d.at("o.0.b"), Value::null(Type::Number));
    let d = decode_with(&schema, "o = [{ b = 1 }]\n", false);
    assert_eq!(
        d.errors,
        [
            "Incorrect attribute value type: Inappropriate value for attribute \"o\": element 0: attribute \"a\" is required."
        ]
    );
}

#[test]
fn json_bodies_decode_by_schema() {
    let d = decode_with(
        &schema(),
        r#"{
  "//": "a comment",
  "name": "${\"a\"}b",
  "single": { "x": "s" },
  "list": [{ "x": "0" }, { "deep": { "n": 1 } }],
  "map": { "k": { "n": 3 } },
  "dynamic": { "set": { "for_each": ["p"], "iterator": "it", "content": { "x": "${it.value}" } } },
  "nope": 1
}"#,
        true,
    );
    assert_eq!(d.errors, ["Extraneous JSON object property: No argument or block type is named \"nope\"."]);
    assert_eq!(d.at("name"), Value::from("ab"));
    assert_eq!(d.at("single.x"), Value::from("s"));
    assert_eq!(d.at("list.1.deep.0.n"), Value::int(1));
    assert_eq!(d.at("map.@k.n"), Value::int(3));
    assert_eq!(d.at("set").as_elements().and_then(|e| e[0].get_attr("x")), Some(Value::from("p")));
    assert_eq!(d.place("single.x"), "\"s\"");
    assert_eq!(d.place("list.1.deep.0.n"), "1");
}

#[test]
fn paths_lead_back_to_the_source() {
    let d = decode(
        "name = \"n\"\ntags = {\n  a = \"v\"\n}\nlist {\n  x = \"0\"\n}\nlist {\n  x = \"1\"\n  deep {\n    n = 2\n  }\n}\ndynamic \"set\" {\n  for_each = [1]\n  content {\n    x = \"d\"\n  }\n}\nmap \"k\" {\n  n = 9\n}\n",
    );
    assert_eq!(d.place("name"), "\"n\"");
    assert_eq!(d.place("tags.@a"), "\"v\"");
    assert_eq!(d.place("list.1.x"), "\"1\"");
    assert_eq!(d.place("list.1.deep.0.n"), "2");
    assert_eq!(d.place("list.1.deep.0.x"), "{");
    assert_eq!(d.place("map.@k.n"), "9");
    assert_eq!(d.place("set.0.x"), "\"d\"");
    assert_eq!(d.place("computed"), "n", "the start of the file");
}

#[test]
fn references_leave_out_iterators() {
    let d = decode_with(
        &schema(),
        "name = a.b\nlist {\n  x = c[d.e]\n}\ndynamic \"map\" {\n  for_each = f.g\n  iterator = it\n  labels = [it.key, h]\n  content {\n    x = it.value + i[it.key]\n    dynamic \"deep\" {\n      for_each = it.value\n      content {\n        n = deep.value + it.key + map.x\n      }\n    }\n  }\n}\n",
        false,
    );
    let references = references_in_body(&d.body, &schema());
    let names: Vec<&str> = references.iter().map(|t| &*t.root.name).collect();
    assert_eq!(names, ["a", "c", "d", "f", "h", "i", "map"]);
}
