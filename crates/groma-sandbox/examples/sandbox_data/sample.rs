//! Values made up for configurations: of the right type, and by their names likely to be accepted.

use groma_value::schema::{Block, NestedBlock, Nesting};
use groma_value::{Name, Type, Value};

/// A value of a type for something named `name`. Different `variant`s give different values.
pub fn sample(ty: &Type, name: &str, variant: u8) -> Value {
    match ty {
        Type::Bool => Value::Bool(variant == 0),
        Type::Number => Value::int(i64::from(variant) + 1),
        Type::String | Type::Dynamic => Value::string(text(name, variant)),
        Type::List(t) => Value::list((**t).clone(), vec![sample(t, name, variant)]),
        Type::Set(t) => Value::set((**t).clone(), vec![sample(t, name, variant)]),
        Type::Map(t) => Value::map((**t).clone(), [("Key", sample(t, "value", variant))]),
        Type::Tuple(ts) => Value::tuple(ts.iter().map(|t| sample(t, name, variant)).collect()),
        Type::Object(o) => Value::object(o.attrs.iter().map(|(n, t)| (n.clone(), sample(t, n, variant)))),
    }
}

/// A text in which normalisation would show: capitals and a dot at the end in variant 2.
fn text(name: &str, variant: u8) -> String {
    let has = |part: &str| name.contains(part);
    let ends = |part: &str| name.ends_with(part);
    if ends("arn") || ends("arns") {
        return format!("arn:aws:iam::12345678901{variant}:role/x");
    }
    if has("ipv6") && (has("cidr") || has("block")) {
        return format!("fd0{variant}::/64");
    }
    if has("cidr") {
        return format!("10.{variant}.0.0/16");
    }
    if has("policy_document") || name == "policy" || ends("_policy") || ends("_json") || has("definitions") {
        return format!(r#"{{ "Version": "2012-10-17",  "Id": "{variant}", "A": [ ] }}"#);
    }
    if ends("ip_address") || name == "ip" || ends("_ip") {
        return format!("10.0.0.{}", variant + 4);
    }
    if ends("email") || ends("email_address") {
        return format!("a{variant}@example.com");
    }
    if ends("_time") || ends("_date") || ends("timestamp") {
        return format!("2030-01-0{}T00:00:00Z", variant + 1);
    }
    if has("availability_zone") {
        return format!("eu-west-1{}", (b'a' + variant) as char);
    }
    if variant == 2 { "AbC.D.".to_owned() } else { format!("x{variant}") }
}

/// A configured block: required attributes only, and blocks within it to a depth.
pub fn populated(block: &Block, depth: u8) -> Value {
    let attributes = block.attributes.iter().map(|(n, a)| {
        let v = if a.required { sample(&a.ty, n, 0) } else { Value::Null(a.ty.clone()) };
        (n.clone(), v)
    });
    let blocks = block.blocks.iter().map(|(n, b)| {
        let wanted = b.min_items > 0 || depth > 0;
        (n.clone(), if wanted { one(b, depth.saturating_sub(1)) } else { b.empty_value() })
    });
    Value::object(attributes.chain(blocks))
}

/// One block of a kind.
pub fn one(nested: &NestedBlock, depth: u8) -> Value {
    let ty = nested.block.implied_type().clone();
    let v = populated(&nested.block, depth);
    match nested.nesting {
        Nesting::Single | Nesting::Group => v,
        Nesting::List => Value::list(ty, vec![v]),
        Nesting::Set => Value::set(ty, vec![v]),
        Nesting::Map => Value::map(ty, [("k", v)]),
    }
}

/// What a planned value could become: unknown texts made up, unknown collections empty.
pub fn realised(v: &Value, name: &str) -> Value {
    match v {
        Value::Unknown(ty, _) => match ty {
            Type::List(t) => Value::list((**t).clone(), Vec::new()),
            Type::Set(t) => Value::set((**t).clone(), Vec::new()),
            Type::Map(t) => Value::map::<Name>((**t).clone(), []),
            ty => sample(ty, name, 3),
        },
        Value::List(e) => Value::list(e.ty.clone(), e.items.iter().map(|v| realised(v, name)).collect()),
        Value::Set(e) => Value::set(e.ty.clone(), e.items.iter().map(|v| realised(v, name)).collect()),
        Value::Map(m) => Value::map(m.ty.clone(), m.items.map_values(|_, v| realised(v, name))),
        Value::Object(f) => Value::object(f.iter().map(|(n, v)| (n.clone(), realised(v, n)))),
        v => v.clone(),
    }
}
