//! Diagnostics are laid out as the oracle lays them out: the oracle's own
//! diagnostics, taken from its JSON output, are rendered by us and compared with
//! its text, with and without colours.

use groma_lang::diag::ValueNote;
use groma_lang::diag_render::{FunctionSignature, RenderOptions, render_json, render_text};
use groma_lang::{Diagnostic, Severity, Sources, Span};
use groma_testkit::{Workdir, oracle, skip};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

const CONFIGURATIONS: &[(&str, &str)] = &[
    (
        "main.tf",
        r#"
variable "x" {
  type    = list(string)
  default = ["a", "b"]
}
locals {
  l1 = {
    a = [
      upper(var.x),
    ]
  }
  l2 = var.x[5] + var.s.foo
  l3 = 1 / "a"
  long = "a very long line indeed, longer than seventy-eight columns for sure, yes it is ${var.x.foo} end"
}
resource "terraform_data" "foo" {
  input = local.l1
}
output "q" {
  value = format([],
    "é日本語x", var.x[9])
}
output "q1" {
  value = max("x", []) + replace("a")
}
"#,
    ),
    (
        "main.tf",
        "resource \"terraform_data\" \"1foo\" {\n  foo = 1\n}\noutput \"a\\\"b\" {}\noutput \"x\" {}\nfoo bar {\n}\n",
    ),
    ("main.tf", "locals {\n  a = 1\n}}\n"),
    ("main.tf", "output \"x\" {\n"),
    ("main.tf", "locals {\n a = 1 b = \"日本\" c\n}\n"),
    ("main.tf", "locals {\n a = [\n  1,\n  2 3]\n}\n"),
    ("main.tf", "locals {\n a = (1\n"),
    ("main.tf", "locals {\r\n a = 1 2\r\n}\r\n"),
    ("main.tf", "locals {\n a = \"x\n}\n"),
    (
        "main.tf",
        "variable \"x\" {\n  type = foo\n}\nvariable \"x\" {\n  default = sum(\n  1 + 2,\n [\"a\"])\n}\n",
    ),
    (
        "main.tf",
        "output \"s\" {\n  value = sensitive(1)\n}\nresource \"terraform_data\" \"a\" {\n  count = terraform_data.b.id\n}\nmodule \"m\" {\n source = \"./nowhere\"\n}\n",
    ),
    ("main.tf.json", "{\"output\":{\"x\":{\"value\":\n{\"a\":[\"${null.x}\"]}}}}"),
    ("main.tf.json", "[{\"resource\":{\"terraform_data\":[{\"x\":{\"foo\":\n{\"a\":[\"${null.x}\"]}}}]}}]"),
    ("main.tf.json", "{\"output\":{\"x\":{\"value\": }}}"),
];

#[test]
fn the_layout_is_the_oracles() {
    if oracle().is_none() {
        skip("no terraform");
        return;
    }
    let mut compared = 0;
    for (name, text) in CONFIGURATIONS {
        let work = Workdir::new();
        work.write(name, text);
        let data = work.terraform(["validate", "-json"]).json();
        let plain = work.terraform(["validate", "-no-color"]);
        let colored = work.terraform(["validate"]);
        let expected: BTreeSet<String> = split(&format!("{}{}", plain.stdout, plain.stderr), "\nError: ");
        let expected_boxes = split(&format!("{}{}", colored.stdout, colored.stderr), "\x1b[31m╷");

        let sources = Sources::new();
        let file = sources.add(*name, *text);
        let signatures: RefCell<HashMap<String, FunctionSignature>> = RefCell::default();
        let signature = |name: &str| signatures.borrow().get(name).cloned();
        let mut found = BTreeSet::new();
        let mut found_boxes = BTreeSet::new();
        for d in data["diagnostics"].as_array().expect("diagnostics") {
            let diagnostic = read(d, file.id, &file, &mut signatures.borrow_mut());
            let options = RenderOptions { signature: Some(&signature), ..RenderOptions::plain() };
            found.insert(render_text(&diagnostic, &sources, &options));
            let options = RenderOptions { color: true, boxed: true, ..options };
            found_boxes.insert(render_text(&diagnostic, &sources, &options));
            compare_json(d, &diagnostic, &sources, &signature);
            compared += 1;
        }
        assert_eq!(join(&found), join(&expected), "{text}");
        assert_eq!(join(&found_boxes), join(&expected_boxes), "{text}");
    }
    assert!(compared > 20, "{compared} diagnostics");
}

fn join(set: &BTreeSet<String>) -> String {
    set.iter().cloned().collect()
}

/// The diagnostics in an output, each with what starts it.
fn split(output: &str, start: &str) -> BTreeSet<String> {
    let mut parts: Vec<String> = output.split(start).map(|p| format!("{start}{p}")).collect();
    parts.remove(0);
    if start.contains('╷') {
        // The last box may be followed by an empty line.
        parts.iter_mut().for_each(|p| *p = format!("{}\n", p.trim_end_matches(['\n'])));
    }
    parts.into_iter().collect()
}

fn read(
    d: &Value,
    id: groma_lang::FileId,
    file: &groma_lang::SourceFile,
    signatures: &mut HashMap<String, FunctionSignature>,
) -> Diagnostic {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let mut out = Diagnostic::error(text(&d["summary"]), text(&d["detail"]));
    assert_eq!(out.severity, Severity::Error);
    out.address = d["address"].as_str().map(str::to_owned);
    let byte = |v: &Value| usize::try_from(v["byte"].as_u64().expect("a byte")).expect("a small number");
    if d["range"].is_object() {
        // The oracle makes empty ranges one byte long, also at the end of the file.
        let end = byte(&d["range"]["end"]).min(file.text.len());
        out.subject = Some(Span::new(id, byte(&d["range"]["start"]), end));
    }
    let snippet = &d["snippet"];
    if let Some(code) = snippet["code"].as_str() {
        let line = u32::try_from(snippet["start_line"].as_u64().expect("a line")).expect("a small number");
        let start = file.line_start(line);
        out.context = Some(Span::new(id, start, (start + code.len().max(1)).min(file.text.len())));
    }
    for v in snippet["values"].as_array().into_iter().flatten() {
        out.values.push(ValueNote { expr: text(&v["traversal"]), statement: text(&v["statement"]) });
    }
    let call = &snippet["function_call"];
    if let Some(name) = call["called_as"].as_str() {
        out.function = Some(name.to_owned());
        let param = |p: &Value| (text(&p["name"]), text(&p["type"]));
        let signature = &call["signature"];
        signatures.insert(
            name.to_owned(),
            FunctionSignature {
                params: signature["params"].as_array().into_iter().flatten().map(param).collect(),
                variadic: signature["variadic_param"]
                    .is_object()
                    .then(|| param(&signature["variadic_param"])),
                return_type: text(&signature["return_type"]),
            },
        );
    }
    out
}

fn compare_json(
    expected: &Value,
    diagnostic: &Diagnostic,
    sources: &Sources,
    signature: &dyn Fn(&str) -> Option<FunctionSignature>,
) {
    let found = render_json(diagnostic, sources, Some(signature));
    assert_eq!(expected["severity"], found.severity);
    if let Some(range) = &found.range {
        for (side, position) in [("start", range.start), ("end", range.end)] {
            let expected = &expected["range"][side];
            assert_eq!(expected["byte"], position.byte, "{expected}");
            // One past the end of the text there is no line for us to count in.
            if side == "start" {
                assert_eq!(expected["line"], position.line, "{expected}");
                assert_eq!(expected["column"], position.column, "{expected}");
            }
        }
    }
    if let Some(snippet) = &found.snippet {
        let expected = &expected["snippet"];
        assert_eq!(expected["context"].as_str(), snippet.context.as_deref(), "{expected}");
        assert_eq!(expected["code"], snippet.code.as_str());
        assert_eq!(expected["start_line"], snippet.start_line);
        assert_eq!(expected["highlight_start_offset"], snippet.highlight_start_offset);
        assert_eq!(expected["highlight_end_offset"], snippet.highlight_end_offset);
        assert_eq!(expected["function_call"].is_object(), snippet.function_call.is_some());
    }
}
