use super::*;
use crate::marks::Marks;
use crate::refine::Refinement;

fn attr(ty: Type, flags: &str) -> Attribute {
    Attribute {
        required: flags.contains('r'),
        optional: flags.contains('o'),
        computed: flags.contains('c'),
        sensitive: flags.contains('s'),
        write_only: flags.contains('w'),
        ..Attribute::new(ty)
    }
}

fn attrs<const N: usize>(a: [(&str, Attribute); N]) -> BTreeMap<Name, Attribute> {
    a.into_iter().map(|(n, a)| (Name::from(n), a)).collect()
}

fn nested(attributes: BTreeMap<Name, Attribute>, nesting: Nesting, flags: &str) -> Attribute {
    let o = NestedObject { attributes, nesting };
    Attribute { ty: o.implied_type(), nested: Some(Arc::new(o)), ..attr(Type::Dynamic, flags) }
}

fn with_blocks<const N: usize>(
    attributes: BTreeMap<Name, Attribute>,
    blocks: [(&str, Block, Nesting); N],
) -> Block {
    let mut b = Block::of_attributes(attributes);
    for (n, block, nesting) in blocks {
        b.blocks
            .insert(n.into(), NestedBlock { block: Arc::new(block), nesting, min_items: 0, max_items: 0 });
    }
    b
}

fn rule() -> Block {
    with_blocks(
        attrs([
            ("port", attr(Type::Number, "r")),
            ("id", attr(Type::String, "c")),
            ("note", attr(Type::String, "oc")),
        ]),
        [],
    )
}

/// `id` computed, `name` required, `tag` optional and computed, blocks `rule` by `nesting`.
fn schema(nesting: Nesting) -> Block {
    with_blocks(
        attrs([
            ("id", attr(Type::String, "c")),
            ("name", attr(Type::String, "r")),
            ("tag", attr(Type::String, "oc")),
            ("size", attr(Type::Number, "o")),
        ]),
        [("rule", rule(), nesting)],
    )
}

fn s(text: &str) -> Value {
    Value::string(text)
}

/// A value of the block from what is set in it.
fn val<const N: usize>(b: &Block, f: [(&str, Value); N]) -> Value {
    let mut all = match b.empty_value() {
        Value::Object(f) => (*f).clone(),
        _ => unreachable!(),
    };
    for (n, v) in f {
        assert!(all.contains(n));
        all.insert(n, v);
    }
    Value::Object(Arc::new(all))
}

fn rules(nesting: Nesting, items: Vec<Value>) -> Value {
    let ty = rule().implied_type().clone();
    match nesting {
        Nesting::Set => Value::set(ty, items),
        Nesting::Map => Value::map(ty, items.into_iter().enumerate().map(|(i, v)| (format!("k{i}"), v))),
        _ => Value::list(ty, items),
    }
}

fn a_rule(port: i64, id: Value) -> Value {
    val(&rule(), [("port", Value::int(port)), ("id", id)])
}

fn messages(errors: Vec<crate::PathError>) -> Vec<String> {
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn creation_and_deletion() {
    let b = schema(Nesting::List);
    let null = Value::Null(b.implied_type().clone());
    let config = val(
        &b,
        [("name", s("x")), ("rule", rules(Nesting::List, vec![a_rule(80, Value::Null(Type::String))]))],
    );
    assert_eq!(proposed_new(&b, &null, &config), config);
    assert_eq!(proposed_new(&b, &config, &null), config);
    assert_eq!(proposed_new(&b, &null, &null), null);
}

#[test]
fn computed_attributes_keep_their_prior_value() {
    for nesting in [Nesting::List, Nesting::Map, Nesting::Set] {
        let b = schema(nesting);
        let no_id = || Value::Null(Type::String);
        let prior = val(
            &b,
            [
                ("id", s("i-1")),
                ("name", s("x")),
                ("tag", s("t")),
                ("size", Value::int(1)),
                ("rule", rules(nesting, vec![a_rule(80, s("r-80")), a_rule(81, s("r-81"))])),
            ],
        );
        let config = val(
            &b,
            [
                ("name", s("y")),
                ("rule", rules(nesting, vec![a_rule(80, no_id()), a_rule(81, no_id()), a_rule(82, no_id())])),
            ],
        );
        let expected = val(
            &b,
            [
                ("id", s("i-1")),
                ("name", s("y")),
                ("tag", s("t")),
                (
                    "rule",
                    rules(nesting, vec![a_rule(80, s("r-80")), a_rule(81, s("r-81")), a_rule(82, no_id())]),
                ),
            ],
        );
        assert_eq!(proposed_new(&b, &prior, &config), expected, "{nesting:?}");
    }
}

#[test]
fn set_elements_match_by_what_is_configured() {
    let b = schema(Nesting::Set);
    let full =
        |port, id: Value, note: Value| val(&rule(), [("port", Value::int(port)), ("id", id), ("note", note)]);
    let no = || Value::Null(Type::String);
    let prior = val(
        &b,
        [(
            "rule",
            rules(
                Nesting::Set,
                vec![full(80, s("a"), s("given")), full(80, s("b"), s("made up")), full(1, s("c"), no())],
            ),
        )],
    );
    // The first needs its note; the second may have any; nothing fits the third.
    let config = val(
        &b,
        [(
            "rule",
            rules(Nesting::Set, vec![full(80, no(), s("given")), full(80, no(), no()), full(2, no(), no())]),
        )],
    );
    let out = proposed_new(&b, &prior, &config).get_attr("rule").unwrap();
    assert_eq!(
        out,
        rules(
            Nesting::Set,
            vec![full(80, s("a"), s("given")), full(80, s("b"), s("made up")), full(2, no(), no())]
        )
    );
}

#[test]
fn large_sets_match_in_time() {
    let b = schema(Nesting::Set);
    let n = 20_000;
    let prior =
        val(&b, [("rule", rules(Nesting::Set, (0..n).map(|i| a_rule(i, s(&format!("r{i}")))).collect()))]);
    let config = val(
        &b,
        [("rule", rules(Nesting::Set, (0..n).map(|i| a_rule(i, Value::Null(Type::String))).collect()))],
    );
    assert_eq!(proposed_new(&b, &prior, &config), prior);
    assert!(assert_object_compatible(&b, &prior, &prior.clone()).is_empty());
}

#[test]
fn unknown_blocks_stay_unknown() {
    let b = schema(Nesting::List);
    let unknown = Value::unknown(Type::list(rule().implied_type().clone()));
    let config = val(&b, [("name", s("x")), ("rule", unknown.clone())]);
    let prior = val(&b, [("id", s("i"))]);
    assert_eq!(proposed_new(&b, &prior, &config).get_attr("rule"), Some(unknown));
}

#[test]
fn nested_attributes() {
    for nesting in [Nesting::Single, Nesting::List, Nesting::Map, Nesting::Set] {
        let inner = attrs([("user", attr(Type::String, "r")), ("arn", attr(Type::String, "c"))]);
        let b = with_blocks(attrs([("login", nested(inner, nesting, "o"))]), []);
        let one = |user: &str, arn: Value| Value::object([("user", s(user)), ("arn", arn)]);
        let wrap = |v: Value| match nesting {
            Nesting::List => Value::list(v.ty(), vec![v]),
            Nesting::Set => Value::set(v.ty(), vec![v]),
            Nesting::Map => Value::map(v.ty(), [("k", v)]),
            _ => v,
        };
        let prior = val(&b, [("login", wrap(one("u", s("arn"))))]);
        let config = val(&b, [("login", wrap(one("u", Value::Null(Type::String))))]);
        assert_eq!(proposed_new(&b, &prior, &config), prior, "{nesting:?}");
        let none = val(&b, []);
        assert_eq!(proposed_new(&b, &prior, &none), none, "{nesting:?}");
    }
}

#[test]
fn a_configuration_that_is_gone_is_not_kept() {
    let inner = || attrs([("user", attr(Type::String, "o")), ("arn", attr(Type::String, "c"))]);
    let b = with_blocks(attrs([("login", nested(inner(), Nesting::Single, "oc"))]), []);
    let login = |user: Value| Value::object([("user", user), ("arn", s("arn"))]);
    let none = val(&b, []);
    let configured = val(&b, [("login", login(s("u")))]);
    assert_eq!(proposed_new(&b, &configured, &none), none);
    // All of it could have come from the provider.
    let computed = val(&b, [("login", login(Value::Null(Type::String)))]);
    assert_eq!(proposed_new(&b, &computed, &none), computed);
}

#[test]
fn data_sources_have_unknown_computed_attributes() {
    let b = schema(Nesting::List);
    let config = val(
        &b,
        [("name", s("x")), ("rule", rules(Nesting::List, vec![a_rule(80, Value::Null(Type::String))]))],
    );
    let out = planned_data_resource_object(&b, &config);
    let unknown = Value::unknown(Type::String);
    assert_eq!(out.get_attr("id"), Some(unknown.clone()));
    assert_eq!(out.get_attr("tag"), Some(unknown.clone()));
    assert_eq!(out.get_attr("size"), Some(Value::Null(Type::Number)));
    let rule = out.get_attr("rule").unwrap().get_index(&Value::int(0)).unwrap();
    assert_eq!((rule.get_attr("port"), rule.get_attr("id")), (Some(Value::int(80)), Some(unknown)));
}

#[test]
fn plans_that_keep_the_rules() {
    let b = schema(Nesting::List);
    let null = Value::Null(b.implied_type().clone());
    let config = val(&b, [("name", s("x"))]);
    let valid = |prior: &Value, planned: Value| {
        assert_eq!(messages(assert_plan_valid(&b, prior, &config, &planned)), [""; 0])
    };
    valid(&null, config.clone());
    valid(&null, val(&b, [("name", s("x")), ("id", Value::unknown(Type::String)), ("tag", s("default"))]));
    // As before: the provider says that it means the same.
    valid(&val(&b, [("name", s("X")), ("id", s("i"))]), val(&b, [("name", s("X")), ("id", s("i"))]));
    assert!(assert_plan_valid(&b, &config, &null, &null).is_empty());
    let unknown = val(&b, [("name", Value::unknown(Type::String))]);
    let refined = val(&b, [("name", Value::unknown_not_null(Type::String))]);
    assert!(assert_plan_valid(&b, &null, &unknown, &refined).is_empty());
}

#[test]
fn plans_that_break_the_rules() {
    let b = schema(Nesting::List);
    let null = Value::Null(b.implied_type().clone());
    let config = val(&b, [("name", s("x"))]);
    let faults = |prior: &Value, planned: &Value| messages(assert_plan_valid(&b, prior, &config, planned));
    assert_eq!(faults(&null, &null), ["planned for absence but config wants existence"]);
    assert_eq!(
        faults(&null, &val(&b, [("name", s("y"))])),
        [".name: planned value cty.StringVal(\"y\") does not match config value cty.StringVal(\"x\")"]
    );
    assert_eq!(
        faults(&val(&b, [("name", s("z"))]), &val(&b, [("name", s("y"))])),
        [
            ".name: planned value cty.StringVal(\"y\") does not match config value cty.StringVal(\"x\") nor prior value cty.StringVal(\"z\")"
        ]
    );
    assert_eq!(
        faults(&null, &val(&b, [("name", s("x")), ("size", Value::int(3))])),
        [".size: planned value cty.NumberIntVal(3) for a non-computed attribute"]
    );
    assert_eq!(
        faults(&null, &val(&b, [("name", s("x")), ("rule", rules(Nesting::List, vec![a_rule(1, s("a"))]))])),
        [".rule: block count in plan (1) disagrees with count in config (0)"]
    );
    let ty = b.blocks["rule"].implied_type();
    assert_eq!(
        faults(&null, &val(&b, [("name", s("x")), ("rule", Value::unknown(ty.clone()))])),
        [
            ".rule: attribute representing nested block must not be unknown itself; set nested attribute values to unknown instead"
        ]
    );
    assert_eq!(
        faults(&null, &val(&b, [("name", s("x")), ("rule", Value::Null(ty))])),
        [
            ".rule: attribute representing a list of nested blocks must be empty to indicate no blocks, not null"
        ]
    );
    let nested_config = val(
        &b,
        [("name", s("x")), ("rule", rules(Nesting::List, vec![a_rule(1, Value::Null(Type::String))]))],
    );
    let wrong = val(&b, [("name", s("x")), ("rule", rules(Nesting::List, vec![a_rule(2, s("a"))]))]);
    assert_eq!(
        messages(assert_plan_valid(&b, &null, &nested_config, &wrong)),
        [".rule[0].port: planned value cty.NumberIntVal(2) does not match config value cty.NumberIntVal(1)"]
    );
}

#[test]
fn write_only_and_sensitive_attributes_in_plans() {
    let b = with_blocks(attrs([("pass", attr(Type::String, "ow")), ("key", attr(Type::String, "os"))]), []);
    let null = Value::Null(b.implied_type().clone());
    let config = val(&b, [("pass", s("p")), ("key", s("k"))]);
    assert!(assert_plan_valid(&b, &null, &config, &val(&b, [("key", s("k"))])).is_empty());
    assert_eq!(
        messages(assert_plan_valid(&b, &null, &config, &val(&b, [("key", s("other"))]))),
        [".key: sensitive planned value does not match config value"]
    );
}

#[test]
fn nested_attributes_in_plans() {
    let inner = || attrs([("user", attr(Type::String, "r")), ("arn", attr(Type::String, "c"))]);
    let one = |user: &str| Value::object([("user", s(user)), ("arn", Value::Null(Type::String))]);
    let b = with_blocks(
        attrs([("l", nested(inner(), Nesting::List, "o")), ("m", nested(inner(), Nesting::Map, "o"))]),
        [],
    );
    let null = Value::Null(b.implied_type().clone());
    let ty = one("").ty();
    let list = |v: Vec<Value>| ("l", Value::list(ty.clone(), v));
    let map = |v: Vec<(&str, Value)>| ("m", Value::map(ty.clone(), v));
    let config = val(&b, [list(vec![one("a")]), map(vec![("k", one("a"))])]);
    let faults = |planned: Value| messages(assert_plan_valid(&b, &null, &config, &planned));
    assert_eq!(
        faults(val(&b, [list(vec![one("b")]), map(vec![("j", one("a"))])])),
        [
            ".l[0].user: planned value cty.StringVal(\"b\") does not match config value cty.StringVal(\"a\")",
            ".m: map key \"j\" from plan is not present in config",
            ".m: map key \"k\" from config is not present in plan",
        ]
    );
    assert_eq!(
        faults(val(&b, [list(vec![]), map(vec![("k", one("a"))])])),
        [".l: count in plan (cty.NumberIntVal(0)) disagrees with count in config (cty.NumberIntVal(1))"]
    );
    assert_eq!(
        faults(val(&b, [("l", Value::unknown(Type::list(ty.clone()))), map(vec![("k", one("a"))])])),
        [".l: planned unknown for configured value"]
    );
}

#[test]
fn results_that_complete_the_plan() {
    let b = schema(Nesting::Set);
    let unknown = || Value::unknown(Type::String);
    let planned = val(
        &b,
        [
            ("id", unknown()),
            ("name", s("x")),
            ("rule", rules(Nesting::Set, vec![a_rule(1, unknown()), a_rule(2, s("b"))])),
        ],
    );
    let actual = val(
        &b,
        [
            ("id", s("i")),
            ("name", s("x")),
            ("rule", rules(Nesting::Set, vec![a_rule(1, s("a")), a_rule(2, s("b"))])),
        ],
    );
    assert_eq!(messages(assert_object_compatible(&b, &planned, &actual)), [""; 0]);
    let dynamic = with_blocks(attrs([("any", attr(Type::Dynamic, "c"))]), []);
    let planned = val(&dynamic, [("any", Value::dynamic())]);
    assert!(
        assert_object_compatible(&dynamic, &planned, &val(&dynamic, [("any", Value::int(1))])).is_empty()
    );
}

#[test]
fn results_that_do_not() {
    let b = schema(Nesting::Set);
    let faults = |planned: &Value, actual: &Value| messages(assert_object_compatible(&b, planned, actual));
    let null = Value::Null(b.implied_type().clone());
    let planned = val(
        &b,
        [("name", s("x")), ("id", Value::unknown_refined(Type::String, Refinement::string_prefix("i-")))],
    );
    assert_eq!(faults(&planned, &null), ["root object was present, but now absent"]);
    assert_eq!(faults(&null, &planned), ["root object was absent, but now present"]);
    assert_eq!(
        faults(&planned, &val(&b, [("name", s("y")), ("id", s("j-1")), ("size", Value::int(1))])),
        [
            ".id: final value cty.StringVal(\"j-1\") does not conform to planning placeholder cty.UnknownVal(cty.String).Refine().NotNull().StringPrefixFull(\"i-\").NewValue()",
            ".name: was cty.StringVal(\"x\"), but now cty.StringVal(\"y\")",
            ".size: was null, but now cty.NumberIntVal(1)",
        ]
    );
    let planned = val(&b, [("rule", rules(Nesting::Set, vec![a_rule(1, s("a"))]))]);
    let actual = val(&b, [("rule", rules(Nesting::Set, vec![a_rule(2, s("a"))]))]);
    let out = faults(&planned, &actual);
    assert_eq!(out.len(), 1);
    assert!(out[0].starts_with(".rule: planned set element cty.ObjectVal("), "{}", out[0]);
    let more = val(&b, [("rule", rules(Nesting::Set, vec![a_rule(1, s("a")), a_rule(2, s("a"))]))]);
    assert_eq!(faults(&planned, &more).len(), 2);
    let secret = planned.get_attr("name").unwrap().with_marks(&Marks::sensitive());
    let planned = val(&b, [("name", secret)]);
    assert_eq!(
        faults(&planned, &val(&b, [("name", s("n"))])),
        [".name: inconsistent values for sensitive attribute"]
    );
}

#[test]
fn collections_in_results() {
    let b = with_blocks(
        attrs([
            ("l", attr(Type::list(Type::String), "o")),
            ("m", attr(Type::map(Type::String), "o")),
            ("s", attr(Type::set(Type::Number), "o")),
        ]),
        [],
    );
    let list = |v: Vec<Value>| ("l", Value::list(Type::String, v));
    let map = |v: Vec<(&str, Value)>| ("m", Value::map(Type::String, v));
    let set = |v: Vec<i64>| ("s", Value::set(Type::Number, v.into_iter().map(Value::int).collect()));
    let planned = val(&b, [list(vec![s("a"), s("b")]), map(vec![("x", s("1"))]), set(vec![1, 2])]);
    let actual = val(&b, [list(vec![s("a"), s("c"), s("d")]), map(vec![("y", s("1"))]), set(vec![2, 3])]);
    assert_eq!(
        messages(assert_object_compatible(&b, &planned, &actual)),
        [
            ".l[1]: was cty.StringVal(\"b\"), but now cty.StringVal(\"c\")",
            ".l: new element 2 has appeared",
            ".m: element \"x\" has vanished",
            ".m: new element \"y\" has appeared",
            ".s: planned set element cty.NumberIntVal(1) does not correlate with any element in actual",
        ]
    );
    let wrong = val(&b, [("l", Value::list(Type::Number, vec![]))]);
    assert_eq!(
        messages(assert_object_compatible(&b, &planned, &wrong))[0],
        ".l: wrong final value type: incorrect list element type: string required"
    );
}

#[test]
fn legacy_values_are_mended() {
    let b = with_blocks(
        attrs([("id", attr(Type::String, "c"))]),
        [
            ("l", rule(), Nesting::List),
            ("s", rule(), Nesting::Set),
            ("g", rule(), Nesting::Group),
            ("o", rule(), Nesting::Single),
        ],
    );
    let ty = rule().implied_type().clone();
    let broken = val(
        &b,
        [
            ("id", s("i").with_marks(&Marks::sensitive())),
            ("l", Value::Null(Type::list(ty.clone()))),
            ("s", Value::unknown(Type::set(ty.clone()))),
            ("g", Value::Null(ty.clone())),
            ("o", Value::Null(ty.clone())),
        ],
    );
    let mended = normalize_object_from_legacy_sdk(&b, &broken);
    assert!(mended.get_attr("id").unwrap().is_marked());
    assert_eq!(mended.get_attr("l"), Some(Value::list(ty.clone(), vec![])));
    let stub = unknown_block_stub(&rule());
    assert_eq!(stub.get_attr("port"), Some(Value::unknown(Type::Number)));
    assert_eq!(mended.get_attr("s"), Some(Value::set(ty.clone(), vec![stub])));
    assert_eq!(mended.get_attr("g"), Some(rule().empty_value()));
    assert_eq!(mended.get_attr("o"), Some(Value::Null(ty)));
}

#[test]
fn unknowns_for_what_is_computed() {
    let b = schema(Nesting::List);
    let v = val(
        &b,
        [
            ("name", s("x")),
            ("tag", s("t")),
            ("rule", rules(Nesting::List, vec![a_rule(1, Value::Null(Type::String))])),
        ],
    );
    let out = set_unknowns(&b, &v);
    let unknown = Some(Value::unknown(Type::String));
    assert_eq!((out.get_attr("id"), out.get_attr("tag")), (unknown.clone(), Some(s("t"))));
    assert_eq!(out.get_attr("size"), Some(Value::Null(Type::Number)));
    assert_eq!(out.get_attr("rule").unwrap().get_index(&Value::int(0)).unwrap().get_attr("id"), unknown);
}
