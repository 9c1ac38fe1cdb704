//! Whatever the text, nothing panics, places lie within the text, and formatted
//! text means the same as before.

use groma_lang::diag_render::{RenderOptions, render_json, render_text};
use groma_lang::syntax::{format, parse_expr, parse_file, parse_json_file, parse_template};
use groma_lang::{Body, Diagnostics, SourceFile, Sources};
use groma_testkit::{Fuzz, fuzz};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const SEEDS: &[&str] = &[
    "resource \"a\" \"b\" {\n  for_each = { for k, v in var.x : k => v... if v != null }\n  x = \"${a.b[0].*.c}-%{ if y ~} z %{ endif }\"\n  # c\n  dynamic \"s\" {\n    content { q = -1 }\n  }\n}\n",
    "locals {\n  a = <<-EOT\n    x ${upper(\"y\")}\n      z\n  EOT\n  b = [1, 2.5e3, true, null, a ? b : c, !d && e || f]\n  c = provider::x::f(1, a...)\n}\n",
    "variable \"x\" {\n  type = object({ a = optional(string, \"é日本\"), b = list(any) })\n  default = \"${foo}\"\n}\n",
    "{\"resource\": {\"a\": {\"b\": [{\"x\": \"a ${b} \\u00e9\\n\", \"y\": [1, -2.5e3, null, true]}]}, \"//\": 1}}",
];

const TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "${",
    "%{",
    "~}",
    "}",
    "<<EOT\n",
    "EOT\n",
    "<<-E\n",
    "\n",
    "\r\n",
    "\r",
    "#",
    "//",
    "/*",
    "*/",
    " ",
    "\t",
    "a",
    "for",
    "in",
    "if",
    "else",
    "endif",
    "endfor",
    ":",
    "::",
    "=",
    "=>",
    "==",
    "!=",
    "!",
    "?",
    ",",
    ".",
    "...",
    ".*",
    "[*]",
    "*",
    "/",
    "%",
    "-",
    "+",
    "&&",
    "||",
    "&",
    "|",
    "~",
    "^",
    "'",
    "`",
    ";",
    "@",
    "\\",
    "\\u12",
    "\\U0010FFFF",
    "$${",
    "%%{",
    "0",
    "1.5",
    "1e9",
    "1.",
    ".0",
    "é",
    "e\u{301}",
    "“",
    "\u{feff}",
    "\u{a0}",
    "👨‍👩‍👧",
    "true",
    "null",
    "\u{0}",
    "\\ud83d",
    "\\\"",
    "$",
    "%",
];

/// A seed with some pieces replaced by tokens.
fn mutated() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0usize..4, prop::sample::select(TOKENS));
    (prop::sample::select(SEEDS), prop::collection::vec(change, 0..12)).prop_map(|(seed, changes)| {
        let mut chars: Vec<String> = seed.chars().map(String::from).collect();
        for (at, remove, insert) in changes {
            let at = at.index(chars.len() + 1);
            let end = (at + remove).min(chars.len());
            chars.splice(at..end, [insert.to_owned()]);
        }
        chars.concat()
    })
}

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(TOKENS), 0..40).prop_map(|tokens| tokens.concat())
}

/// Everything that reads a text, on this text.
fn exercise(text: &str) {
    let sources = Sources::new();
    let mut diags = Diagnostics::new();
    let native = sources.add("main.tf", text);
    let json = sources.add("main.tf.json", text);
    let body = parse_file(&native, &mut diags);
    check_spans(&body, &native);
    if let Some(expr) = parse_expr(&native, &mut diags) {
        expr.references();
    }
    parse_template(&native, &mut diags);
    let body = parse_json_file(&json, &mut diags);
    body.json_blocks(&json, "resource", &["type", "name"], &mut diags);
    body.json_check_duplicates(&json, |_| false, &mut diags);
    for d in &diags {
        let span = d.subject.expect("errors of syntax have a place");
        assert!(span.start <= span.end && span.end as usize <= text.len(), "{d:?}");
        render_json(d, &sources, None);
        for (color, width) in [(true, 0), (true, 3), (false, 78)] {
            let options = RenderOptions { color, boxed: color, width, signature: None };
            render_text(d, &sources, &options);
        }
    }
}

fn check_spans(body: &Body, file: &SourceFile) {
    for attribute in &body.attributes {
        assert_eq!(file.slice(attribute.name.span), &*attribute.name.name);
        for reference in attribute.expr.references() {
            assert_eq!(file.slice(reference.root.span), &*reference.root.name);
        }
    }
    for block in &body.blocks {
        assert!(file.slice(block.header).starts_with(&*block.ty.name));
        check_spans(&block.body, file);
    }
}

/// Formatting keeps what the text means.
fn same_meaning(text: &str) {
    let sources = Sources::new();
    let before = sources.add("before.tf", text);
    let mut diags = Diagnostics::new();
    let body = parse_file(&before, &mut diags);
    let formatted = format(text);
    if diags.has_errors() {
        assert_eq!(formatted, text);
        return;
    }
    let after = sources.add("after.tf", &*formatted);
    let again = parse_file(&after, &mut diags);
    assert!(!diags.has_errors(), "{text:?} became {formatted:?}: {diags:?}");
    assert_eq!(names(&body), names(&again), "{text:?} became {formatted:?}");
}

/// Names and references of a body, in order.
fn names(body: &Body) -> Vec<String> {
    let mut out = Vec::new();
    for attribute in &body.attributes {
        out.push(attribute.name.name.to_string());
        out.extend(attribute.expr.references().iter().map(|r| r.root.name.to_string()));
    }
    for block in &body.blocks {
        out.push(block.ty.name.to_string());
        out.extend(block.labels.iter().map(|l| l.name.to_string()));
        out.extend(names(&block.body));
    }
    out
}

fn config() -> ProptestConfig {
    let Fuzz { cases, seed } = fuzz(1000);
    let rng_seed = RngSeed::Fixed(seed);
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn mutated_files_never_panic(text in mutated()) {
        exercise(&text);
        same_meaning(&text);
    }

    #[test]
    fn token_soup_never_panics(text in soup()) {
        exercise(&text);
        same_meaning(&text);
    }

    #[test]
    fn random_characters_never_panic(text in ".{0,60}") {
        exercise(&text);
    }
}

#[test]
fn seeds_are_valid() {
    for seed in &SEEDS[..3] {
        let sources = Sources::new();
        let mut diags = Diagnostics::new();
        parse_file(&sources.add("main.tf", *seed), &mut diags);
        assert!(diags.is_empty(), "{seed}: {diags:?}");
        exercise(seed);
    }
}

#[test]
fn deep_nesting_is_refused_not_fatal() {
    let n = 50_000;
    let texts = [
        format!("a = {}", "[".repeat(n)),
        format!("a = {}1{}", "(".repeat(n), ")".repeat(n)),
        format!("a = {}", "{a=".repeat(n)),
        format!("a = {}x", "!".repeat(n)),
        format!("a = {}x", "x ? y : ".repeat(n)),
        format!("a = x{}", " || x".repeat(n)),
        format!("a = x{}", ".y".repeat(n)),
        format!("a = x{}", "[*]".repeat(n)),
        format!("a = {}", "\"${".repeat(n)),
        format!("a = \"{}{}\"", "%{ if x }".repeat(n), "%{ endif }".repeat(n)),
        "a {\n".repeat(n),
    ];
    for text in &texts {
        let sources = Sources::new();
        let file = sources.add("main.tf", text.as_str());
        let mut diags = Diagnostics::new();
        parse_file(&file, &mut diags);
        assert_eq!(
            diags.iter().next().map(|d| &*d.summary),
            Some("Expression nested too deeply"),
            "{}",
            &text[..30]
        );
        render_text(diags.iter().next().expect("one"), &sources, &RenderOptions::plain());
    }
    for text in ["[".repeat(n), "{\"a\":".repeat(n)] {
        let sources = Sources::new();
        let file = sources.add("main.tf.json", text.as_str());
        let mut diags = Diagnostics::new();
        parse_json_file(&file, &mut diags);
        assert_eq!(diags.iter().next().map(|d| &*d.summary), Some("Expression nested too deeply"));
        render_text(diags.iter().next().expect("one"), &sources, &RenderOptions::plain());
    }
}

#[test]
fn nesting_that_people_write_is_accepted() {
    for depth in [10, 60, 480] {
        let text = format!(
            "a = {}1{}\nb {{\n c = {}z\n}}\n",
            "[(".repeat(depth),
            ")]".repeat(depth),
            "x ? y : ".repeat(depth)
        );
        let sources = Sources::new();
        let mut diags = Diagnostics::new();
        let body = parse_file(&sources.add("main.tf", text.as_str()), &mut diags);
        assert!(diags.is_empty(), "{diags:?}");
        assert_eq!(body.attributes.len(), 1);
        assert_eq!(body.attributes[0].expr.clone().references().len(), 0);
    }
}
