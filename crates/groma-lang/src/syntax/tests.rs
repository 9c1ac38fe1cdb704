//! The parser without an oracle: shapes, places, recovery.

use super::*;
use crate::ast::{BinaryOp, ExprKind, TemplatePart, UnaryOp};
use crate::source::Sources;
use groma_value::Value;

fn file(text: &str) -> std::sync::Arc<SourceFile> {
    Sources::new().add("main.tf", text)
}

fn body(text: &str) -> Body {
    let mut diags = Diagnostics::new();
    let body = parse_file(&file(text), &mut diags);
    assert!(diags.is_empty(), "{text}: {diags:?}");
    body
}

fn expr(text: &str) -> Expr {
    let mut diags = Diagnostics::new();
    parse_expr(&file(text), &mut diags).unwrap_or_else(|| panic!("{text}: {diags:?}"))
}

fn errors(text: &str) -> Vec<(u32, String)> {
    let file = file(text);
    let mut diags = Diagnostics::new();
    parse_file(&file, &mut diags);
    diags.iter().map(|d| (file.line_of(d.subject.expect("a place").start), d.summary.clone())).collect()
}

/// The shape of an expression, briefly: operators in prefix form.
fn shape(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Literal(Value::String(s)) => format!("{s:?}"),
        ExprKind::Literal(Value::Number(n)) => n.to_string(),
        ExprKind::Literal(Value::Bool(b)) => b.to_string(),
        ExprKind::Literal(Value::Null(_)) => "null".into(),
        ExprKind::Literal(_) => "?".into(),
        ExprKind::Template(parts) => format!("t({})", parts.iter().map(part).collect::<Vec<_>>().join(" ")),
        ExprKind::TemplateWrap(e) => format!("wrap({})", shape(e)),
        ExprKind::Tuple(items) => format!("[{}]", items.iter().map(shape).collect::<Vec<_>>().join(" ")),
        ExprKind::Object(items) => {
            let items: Vec<_> =
                items.iter().map(|i| format!("{}:{}", shape(&i.key), shape(&i.value))).collect();
            format!("{{{}}}", items.join(" "))
        }
        ExprKind::Variable(name) => name.to_string(),
        ExprKind::GetAttr(e, a) => format!("{}.{}", shape(e), a.name),
        ExprKind::Index(e, k) => format!("{}[{}]", shape(e), shape(k)),
        ExprKind::Splat { source, each, .. } => format!("splat({} {})", shape(source), shape(each)),
        ExprKind::SplatItem => "_".into(),
        ExprKind::Call { name, args, expand, .. } => {
            let args: Vec<_> = args.iter().map(shape).collect();
            format!("{}({}{})", name.name, args.join(" "), if *expand { "..." } else { "" })
        }
        ExprKind::Conditional(a, b, c) => format!("(? {} {} {})", shape(a), shape(b), shape(c)),
        ExprKind::Binary(op, a, b) => format!("({op:?} {} {})", shape(a), shape(b)),
        ExprKind::Unary(op, a) => format!("({op:?} {})", shape(a)),
        ExprKind::For(f) => {
            let key = f.key.as_ref().map(|k| format!("{} => ", shape(k))).unwrap_or_default();
            let condition = f.condition.as_ref().map(|c| format!(" if {}", shape(c))).unwrap_or_default();
            let names =
                f.key_name.iter().chain([&f.value_name]).map(|n| &*n.name).collect::<Vec<_>>().join(",");
            let group = if f.group { "..." } else { "" };
            format!("for({names} in {}: {key}{}{group}{condition})", shape(&f.collection), shape(&f.value))
        }
        ExprKind::Parens(e) => format!("p({})", shape(e)),
    }
}

fn part(p: &TemplatePart) -> String {
    let all = |parts: &[TemplatePart]| parts.iter().map(part).collect::<Vec<_>>().join(" ");
    match p {
        TemplatePart::Text(t, _) => format!("{t:?}"),
        TemplatePart::Interpolation(e) => shape(e),
        TemplatePart::If { condition, then, otherwise, .. } => {
            format!("if({}: {} | {})", shape(condition), all(then), all(otherwise))
        }
        TemplatePart::For { collection, body, .. } => format!("for({}: {})", shape(collection), all(body)),
    }
}

#[test]
fn expressions_have_their_shapes() {
    for (text, expected) in [
        ("1 + 2 * 3 - 4", "(Subtract (Add 1 (Multiply 2 3)) 4)"),
        ("a || b && c == d < e", "(Or a (And b (Equal c (Less d e))))"),
        ("a ? b : c ? d : e", "(? a b (? c d e))"),
        ("-a.b + !c[0]", "(Add (Negate a.b) (Not c[0]))"),
        ("a - -1", "(Subtract a (Negate 1))"),
        ("a.0.b", "a[0].b"),
        ("a[*].b[c].d", "splat(a _.b[c].d)"),
        ("a[*].b[*].c", "splat(a splat(_.b _.c))"),
        ("a.*.b.0[1]", "splat(a _.b[0])[1]"),
        (
            "{ a = 1, true = 2, (b) = 3, \"c\" : 4, \"${d}\" = 5\n e = 6 }",
            "{\"a\":1 \"true\":2 p(b):3 \"c\":4 wrap(d):5 \"e\":6}",
        ),
        ("f()", "f()"),
        ("provider::x::f(a, b...)", "provider::x::f(a b...)"),
        ("[for k, v in x : v if k]", "for(k,v in x: v if k)"),
        ("{\n for v\n in x :\n v => 1... }", "for(v in x: v => 1...)"),
        ("\"a${b}c%{ if d }e%{ else }f%{ endif }\"", "t(\"a\" b \"c\" if(d: \"e\" | \"f\"))"),
        ("\"%{ for a in b }${a}, %{ endfor }\"", "t(for(b: a \", \"))"),
        ("\"${a}\"", "wrap(a)"),
        ("\"$${a} %%{b}\"", "\"${a} %{b}\""),
        ("(a\n+\nb)", "p((Add a b))"),
        ("0.1", "0.1"),
        ("1e3", "1000"),
        ("<<-A\n  x\n    ${y}\n  A\n", "t(\"x\\n  \" y \"\\n\")"),
    ] {
        assert_eq!(shape(&expr(text)), expected, "{text}");
    }
}

#[test]
fn spans_cover_the_source() {
    let text = "  f(a.b[0], \"x\") ? é : [1]";
    let file = file(text);
    let e = parse_expr(&file, &mut Diagnostics::new()).expect("valid");
    assert_eq!(file.slice(e.span), text.trim());
    let ExprKind::Conditional(condition, then, _) = &e.kind else { panic!("{e:?}") };
    assert_eq!(file.slice(then.span), "é");
    let ExprKind::Call { args, parens, .. } = &condition.kind else { panic!("{condition:?}") };
    assert_eq!(file.slice(*parens), "(a.b[0], \"x\")");
    assert_eq!(file.slice(args[0].span), "a.b[0]");
    assert_eq!(file.slice(args[1].span), "\"x\"");
}

#[test]
fn blocks_have_labels_and_places() {
    let text = "a \"b\" c {\n  x = 1\n  d {}\n}\ne { y = 2 }\n";
    let file = file(text);
    let body = body(text);
    let block = &body.blocks[0];
    assert_eq!(block.labels.iter().map(|l| &*l.name).collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!(file.slice(block.header), "a \"b\" c");
    assert_eq!(file.slice(block.span), "a \"b\" c {\n  x = 1\n  d {}\n}");
    assert_eq!(file.slice(block.body.end), "}");
    assert_eq!(block.body.blocks_of("d").count(), 1);
    assert_eq!(file.slice(body.blocks[1].body.attributes[0].span), "y = 2");
}

#[test]
fn errors_do_not_hide_later_ones() {
    let text = "a {\n  x = 1 2\n  y = [1 2]\n  z = 3\n}\nb {\n  w = }\n";
    assert_eq!(
        errors(text),
        [
            (2, "Missing newline after argument".to_owned()),
            (3, "Missing item separator".to_owned()),
            (7, "Invalid expression".to_owned()),
        ]
    );
    let mut diags = Diagnostics::new();
    let body = parse_file(&file(text), &mut diags);
    assert_eq!(body.blocks[0].body.attributes.len(), 3, "what can be read is kept");
    assert_eq!(shape(&body.blocks[0].body.attributes[1].expr), "?");
}

#[test]
fn brackets_that_do_not_match_are_one_error() {
    assert_eq!(errors("a = [1, 2\n}\nb = 1 2\nc = (\n").len(), 1);
    assert_eq!(
        errors("a {\n b = \"${c\"\n}\nd = 1 2\n")
            .iter()
            .filter(|e| e.1 == "Missing newline after argument")
            .count(),
        0
    );
}

#[test]
fn attributes_are_unique() {
    let text = "a = 1\nb = 2\na = 3\n";
    assert_eq!(errors(text), [(3, "Attribute redefined".to_owned())]);
}

#[test]
fn operators_are_those_of_the_tree() {
    let ExprKind::Binary(op, left, _) = expr("!a % b").kind else { panic!("no operator") };
    assert_eq!(op, BinaryOp::Modulo);
    assert!(matches!(left.kind, ExprKind::Unary(UnaryOp::Not, _)));
}

#[test]
fn references_leave_out_what_is_bound() {
    let refs = |text: &str| -> Vec<String> {
        let file = file(text);
        let e = parse_expr(&file, &mut Diagnostics::new()).expect("valid");
        e.references().iter().map(|r| file.slice(r.span).to_owned()).collect()
    };
    assert_eq!(refs("a.b[0].c + d[e.f].g"), ["a.b[0].c", "d", "e.f"]);
    assert_eq!(refs("[for x in y.z : x.a + w if x.b[v]]"), ["y.z", "w", "v"]);
    assert_eq!(refs("\"%{ for x in y }${x}${z}%{ endfor }${x}\""), ["y", "z", "x"]);
    assert_eq!(refs("a[*].b[c.d]"), ["a", "c.d"]);
    assert_eq!(refs("f(a)[b].c"), ["a", "b"]);
    assert_eq!(refs("{ a = b, (c) = d }"), ["b", "c", "d"]);
}

#[test]
fn json_is_read_as_templates() {
    let text = r#"{"//": 0, "a": {"b ${c}": "x\n${d.e}", "f": [1, null, "$${g}"]}}"#;
    let file = file(text);
    let mut diags = Diagnostics::new();
    let body = parse_json_file(&file, &mut diags);
    assert!(diags.is_empty(), "{diags:?}");
    assert!(body.json);
    assert_eq!(body.attributes.len(), 1);
    let e = &body.attributes[0].expr;
    assert_eq!(shape(e), r#"{t("b " c):t("x\n" d.e) "f":[1 null "${g}"]}"#);
    let references: Vec<_> = e.references().iter().map(|r| file.slice(r.span).to_owned()).collect();
    assert_eq!(references, ["c", "d.e"], "places are those in the file, escapes or not");
    let literal = parse_json_file_with(&file, &|path| path.len() == 1, &mut diags);
    assert_eq!(shape(&literal.attributes[0].expr), r#"{"b ${c}":"x\n${d.e}" "f":[1 null "$${g}"]}"#);
    let ExprKind::Object(items) = &e.kind else { panic!("{e:?}") };
    assert_eq!(json_string(&file, &items[0].value).as_deref(), Some("x\n${d.e}"));
}

#[test]
fn json_strings_are_read_as_expressions_where_asked() {
    let file = file(r#"{"depends_on": ["a.b[\"c\"].d", "e f"]}"#);
    let mut diags = Diagnostics::new();
    let body = parse_json_file(&file, &mut diags);
    let ExprKind::Tuple(items) = &body.attributes[0].expr.kind else { panic!("no array") };
    let read = json_expression(&file, &items[0], &mut diags).expect("valid");
    assert_eq!(shape(&read), "a.b[\"c\"].d");
    assert_eq!(file.slice(read.span), r#"a.b[\"c\"].d"#);
    assert!(diags.is_empty());
    assert!(json_expression(&file, &items[1], &mut diags).is_none());
    assert_eq!(file.slice(diags.iter().next().and_then(|d| d.subject).expect("a place")), "f");
}

#[test]
fn json_objects_become_blocks() {
    let text = r#"{"resource": [{"a": {"x": {"//": 1, "n": 1}, "y": [[{"n": 2}], {"n": 3}]}}, {"b": [{"z": {}}, {"z": null}]}],
        "resource": {"c": {"w": 5}}, "other": {"n": 1, "n": 2}}"#;
    let file = file(text);
    let mut diags = Diagnostics::new();
    let body = parse_json_file(&file, &mut diags);
    let blocks = body.json_blocks(&file, "resource", &["type", "name"], &mut diags);
    let labels: Vec<String> =
        blocks.iter().map(|b| b.labels.iter().map(|l| &*l.name).collect::<Vec<_>>().join(".")).collect();
    assert_eq!(labels, ["a.x", "a.y", "a.y", "b.z"]);
    assert_eq!(blocks[0].body.attributes.len(), 1, "comments are left out");
    assert_eq!(diags.iter().map(|d| &*d.summary).collect::<Vec<_>>(), ["Incorrect JSON value type"]);
    let other = &body.json_blocks(&file, "other", &[], &mut diags)[0];
    other.body.json_check_duplicates(&file, |_| false, &mut diags);
    assert_eq!(diags.iter().last().map(|d| &*d.summary), Some("Duplicate argument"));
}

#[test]
fn suggestions_are_near() {
    let known = ["count", "for_each", "provider"];
    let suggest = |s: &str| crate::diag::suggest(s, known.into_iter());
    assert_eq!(suggest("cuont").as_deref(), Some("count"));
    assert_eq!(suggest("foreach").as_deref(), Some("for_each"));
    assert_eq!(suggest("depends_on"), None);
}

#[test]
fn what_is_not_utf8_is_told() {
    let sources = Sources::new();
    let mut diags = Diagnostics::new();
    let file = sources.add_bytes("main.tf", b"a = \"\xff\"\n".to_vec(), &mut diags);
    parse_file(&file, &mut diags);
    assert_eq!(diags.iter().map(|d| &*d.summary).collect::<Vec<_>>(), ["Invalid character encoding"]);
}

#[test]
fn formatting_aligns_and_unwraps() {
    let text = "foo a{\na=\"${b}\" # x\nccc=[\n1,\n{d=2}]\n}\nvariable x {\ntype=\"list\"\n}\n";
    let expected = "foo \"a\" {\n  a = b # x\n  ccc = [\n    1,\n  { d = 2 }]\n}\nvariable \"x\" {\n  type = list(string)\n}\n";
    assert_eq!(format(text), expected);
    assert_eq!(format(expected), expected);
    assert_eq!(format("a   = = 1\n"), "a   = = 1\n", "what cannot be read is left alone");
}
