//! Strings, heredocs and templates hold the text that the oracle reads in them.

use groma_lang::ast::TemplatePart;
use groma_lang::syntax::{parse_file, parse_template};
use groma_lang::{Diagnostics, Expr, ExprKind, Sources};
use groma_testkit::{Workdir, oracle, skip};

const EXPRESSIONS: &[&str] = &[
    r#""""#,
    r#""a""#,
    r#""\n\r\t\"\\ \u00e9 \U0001F600 é e\u0301""#,
    r#""$${a} %%{b} $a %b $$a $$$a %% $""#,
    r#""$$${"x"} $$$${"y"} $${"x"} %%%{if true}""#,
    r#""\\${"x"}\\""#,
    r#""a ${"b"} c""#,
    r#""a ${~ "b" ~} c""#,
    r#""  ${~ "b" }  ${"c" ~}  ${~ "d" ~}  ""#,
    r#""a  ${~ "b" ~}  ${"c"}""#,
    r#""a\n${~ "b" ~}\n c""#,
    r#""${"a"}${"b"}""#,
    "\"${\n\"a\"\n}\"",
    r#""}" "#,
    r#""a}~} ${"x"}~}""#,
    r#""%{ if true }yes%{ else }no%{ endif }""#,
    r#""x %{~ if false ~} yes %{~ else ~} no %{~ endif ~} y""#,
    r#""%{ if true }%{ if false }a%{ else }b%{ endif }c%{ endif }""#,
    "<<EOT\nEOT\n",
    "<<EOT\n\nEOT\n",
    "<<EOT\nfoo\nEOT\n",
    "<<EOT\n  foo\n    bar\n  EOT\n",
    "<<EOT\nfoo\n  EOT  \n",
    "<<EOT\nfoo EOT\nEOTx\n EOT EOT\nEOT\n",
    "<<EOT\r\nfoo\r\nbar\r\nEOT\r\n",
    "<<-EOT\r\n  foo\r\n   bar\r\n  EOT\r\n",
    "<<EOT\na\\nb \"q\" $${x} %%{y} $ %\nEOT\n",
    "<<EOT\n${\"x\"}\nEOT\n",
    "<<EOT\n${\"x\"}${\"EOT\"}\nEOT\n",
    "<<EOT\n${\"x\"}EOT\nEOT\n",
    "<<-EOT\n  foo\n    bar\n  EOT\n",
    "<<-EOT\n\n    foo\n  \n    bar\n\n  EOT\n",
    "<<-EOT\n    foo\n  bar\n      baz\n  EOT\n",
    "<<-EOT\n\tfoo\n\t\tbar\n  EOT\n",
    "<<-EOT\n  \tfoo\n    bar\n  EOT\n",
    "<<-EOT\n    ${\"x\"} y\n      z\n  EOT\n",
    "<<-EOT\n${\"x\"}\n      z\n  EOT\n",
    "<<-EOT\n    a\n    ${\"x\"}\n  ${\"y\"}\n EOT\n",
    "<<-EOT\n    a ${\"x\"}\n      b\n EOT\n",
    "<<-EOT\n    a\n    %{ if true }\n    b\n    %{ endif }\n    c\n  EOT\n",
    "<<-EOT\n    a\n    %{~ if true ~}\n    b\n    %{~ endif ~}\n    c\n  EOT\n",
    "<<EOT\n    a\n    %{~ if true ~}\n\n    b\n    %{~ endif ~}\n\n\n    c\nEOT\n",
    "<<-EOT\n    a\n\n\n    ${~ \"x\" ~}\n\n\n    c\n  EOT\n",
    "<<-EOT\n    ${~ \"x\" ~}\n    c\n  EOT\n",
    "<<-EOT\n    x\n    é\u{301}\n  EOT\n",
    "<<-EOT\n\u{a0}\u{a0}x\n  y\n  EOT\n",
    "<<EOT\n${<<IN\ninner ${\"x\"}\nIN\n}outer\nEOT\n",
    "<<-EOT\n  ${\"a\n}\"}\n  EOT\n",
    "<<É-1\nfoo\nÉ-1\n",
    "upper_is_no_name == 1 ? \"\" : \"\"",
];

const TEMPLATES: &[&str] = &[
    "",
    "plain \\n text \"quoted\"\n",
    "${\"x\"}",
    "a ${\"x\"}\n  b ${~ \"y\" ~}\n\n c",
    "%{ if true ~}\n yes\n%{ else ~}\n no\n%{ endif ~}\nrest\n",
    "$${x} %%{y} $x %y",
    "\r\na\r\n${\"x\"}\r\n",
    "\u{feff}a",
    "# no comment /* neither */ <<EOT\nx\nEOT\n",
];

/// The text of an expression made of literals.
fn text(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Literal(value) => value.as_str().map(str::to_owned),
        ExprKind::TemplateWrap(inner) => text(inner),
        ExprKind::Template(parts) => parts_text(parts),
        _ => None,
    }
}

fn parts_text(parts: &[TemplatePart]) -> Option<String> {
    let mut out = String::new();
    for part in parts {
        match part {
            TemplatePart::Text(text, _) => out.push_str(text),
            TemplatePart::Interpolation(expr) => out.push_str(&text(expr)?),
            TemplatePart::If { condition, then, otherwise, .. } => {
                let ExprKind::Literal(condition) = &condition.kind else { return None };
                out.push_str(&parts_text(if condition.as_bool()? { then } else { otherwise })?);
            }
            TemplatePart::For { .. } => return None,
        }
    }
    Some(groma_value::Value::string(out).as_str()?.to_owned())
}

#[test]
fn texts_are_the_oracles() {
    if oracle().is_none() {
        skip("no terraform");
        return;
    }
    let work = Workdir::new();
    let sources = Sources::new();
    let mut ours = Vec::new();
    let mut used = Vec::new();
    // Each in a file of its own: what one parser refuses must not hide the others.
    for (i, case) in EXPRESSIONS.iter().enumerate() {
        let source = format!("locals {{\n  e{i} = {case}\n}}\n");
        let mut diags = Diagnostics::new();
        let file = sources.add(format!("e{i}.tf"), &*source);
        let body = parse_file(&file, &mut diags);
        let check = Workdir::new();
        check.write("main.tf", &source);
        let accepted = check.terraform(["fmt", "main.tf"]).success();
        assert_eq!(accepted, !diags.has_errors(), "{source}\n{diags:?}");
        let found = text(&body.blocks[0].body.attributes[0].expr);
        if let (true, Some(found)) = (accepted, found) {
            work.write(format!("e{i}.tf"), &source);
            used.push(format!("local.e{i}"));
            ours.push((case.to_string(), found));
        }
    }
    for (i, case) in TEMPLATES.iter().enumerate() {
        let mut diags = Diagnostics::new();
        let file = sources.add(format!("t{i}.tftpl"), *case);
        let found = parse_template(&file, &mut diags).as_ref().and_then(text);
        work.write(format!("t{i}.tftpl"), case);
        used.push(format!("templatefile(\"t{i}.tftpl\", {{}})"));
        ours.push((case.to_string(), found.unwrap_or_else(|| panic!("{case}: {diags:?}"))));
    }
    let question = format!("jsonencode([{}])\n", used.join(", "));
    let answer = work.invoke("terraform").args(["console"]).stdin(question).run().expect_success();
    // The console shows the JSON text in quotes, with its own quotes and backslashes escaped.
    let shown = answer.stdout.trim_end().trim_matches('"').replace("\\\"", "\"").replace("\\\\", "\\");
    let expected: Vec<String> = serde_json::from_str(&shown).unwrap_or_else(|e| panic!("{e}: {shown}"));
    assert_eq!(expected.len(), ours.len(), "{answer}");
    for (expected, (case, found)) in expected.iter().zip(&ours) {
        assert_eq!(expected, found, "{case}");
    }
    assert!(ours.len() > 45, "{} compared", ours.len());
}
