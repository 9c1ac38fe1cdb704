//! The report in the format of JUnit, which continuous integration systems read.

use super::{FileResult, RunResult, Status};
use crate::session::Session;
use groma_lang::diag_render::{RenderOptions, render_text};

/// The document.
pub fn document(s: &Session, results: &[FileResult]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><testsuites>\n");
    for f in results {
        let count = |s: Status| f.runs.iter().filter(|r| r.status == s).count();
        out.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" skipped=\"{}\" failures=\"{}\" errors=\"{}\">\n",
            escape(&f.name),
            f.runs.len(),
            count(Status::Skip),
            count(Status::Fail),
            count(Status::Error)
        ));
        for (i, r) in f.runs.iter().enumerate() {
            case(s, &mut out, f, i, r);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>");
    out
}

fn case(s: &Session, out: &mut String, f: &FileResult, i: usize, r: &RunResult) {
    out.push_str(&format!("    <testcase name=\"{}\" classname=\"{}\"", escape(&r.name), escape(&f.name)));
    if r.status != Status::Skip {
        out.push_str(&format!(
            " time=\"{}\" timestamp=\"{}\"",
            r.elapsed.as_secs_f64(),
            r.started.strftime("%Y-%m-%dT%H:%M:%SZ")
        ));
    }
    out.push('>');
    let child = match r.status {
        Status::Pass => None,
        Status::Fail => Some(("failure", failure(r), Some(text(s, r)))),
        Status::Error => Some(("error", "Encountered an error".to_owned(), Some(text(s, r)))),
        Status::Skip => Some(skipped(f, i)),
    };
    if let Some((element, message, body)) = child {
        let body = body.map(|t| format!("<![CDATA[{}]]>", t.replace("]]>", "]]]]><![CDATA[>")));
        out.push_str(&format!(
            "\n      <{element} message=\"{}\">{}</{element}>\n    ",
            escape(&message),
            body.unwrap_or_default()
        ));
    }
    out.push_str("</testcase>\n");
}

fn failure(r: &RunResult) -> String {
    let (failed, first) = &r.failed;
    match failed {
        1 if r.assertions == 1 => first.clone(),
        _ => format!("{failed} of {} assertions failed, including: {first}", r.assertions),
    }
}

fn skipped(f: &FileResult, i: usize) -> (&'static str, String, Option<String>) {
    let cause = f.runs[..i].iter().rev().find(|r| r.status == Status::Error);
    match cause {
        Some(c) => (
            "skipped",
            "Testcase skipped due to a previous testcase error".into(),
            Some(format!(
                "Previous testcase \"{}\" ended in error, which caused the remaining tests in the file to be skipped",
                c.name
            )),
        ),
        None => ("skipped", "Testcase skipped due to an interrupt".into(), None),
    }
}

fn text(s: &Session, r: &RunResult) -> String {
    r.diags
        .iter()
        .filter(|d| d.is_error())
        .map(|d| render_text(d, &s.sources, &RenderOptions::plain()))
        .collect()
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push_str("&#xA;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn markup_in_names_is_escaped() {
        assert_eq!(super::escape("a<b> & \"c\"\n"), "a&lt;b&gt; &amp; &#34;c&#34;&#xA;");
    }
}
