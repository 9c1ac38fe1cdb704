//! `expect_failures`: failures that are wanted, and failures of checks that are not.

use groma_config::testfile::Run;
use groma_config::{Subject, parse_reference};
use groma_lang::ast::{Traversal, TraversalStep};
use groma_lang::diag::RuleOrigin;
use groma_lang::{Diagnostic, Diagnostics, Severity, Span};
use groma_value::addr::{Key, Mode, Resource};

/// A failure that is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    object: String,
    /// Of one instance only.
    instance: Option<String>,
    /// As written.
    text: String,
    span: Span,
}

/// The failures that a run wants. What is no object with conditions is an error.
pub fn expected(run: &Run, diags: &mut Diagnostics) -> Vec<Expected> {
    run.expect_failures.iter().filter_map(|t| one(t, diags)).collect()
}

fn one(t: &Traversal, diags: &mut Diagnostics) -> Option<Expected> {
    let name = match (t.steps.first(), t.steps.len()) {
        (Some(TraversalStep::Attr(a)), 1) => Some(&a.name),
        _ => None,
    };
    let text = written(t);
    if let ("output" | "check" | "var", Some(_)) = (&*t.root.name, name) {
        return Some(Expected { object: text.clone(), instance: None, text, span: t.span });
    }
    if !matches!(&*t.root.name, "output" | "check" | "run")
        && let Ok(r) = parse_reference(t)
        && r.remaining.is_empty()
        && let Subject::Resource { addr, key } = r.subject
    {
        let object = addr.to_string();
        let instance = (key != Key::None).then(|| format!("{object}{key}"));
        return Some(Expected { object, instance, text, span: t.span });
    }
    diags.push(
        Diagnostic::error(
            "Invalid `expect_failures` reference",
            format!(
                "{text} has no conditions that could fail. Failures can be expected of variables (var.NAME), outputs (output.NAME), checks (check.NAME), resources and data sources of the module that is run."
            ),
        )
        .at(t.span),
    );
    None
}

/// A traversal as it is written.
pub fn written(t: &Traversal) -> String {
    let mut out = t.root.name.to_string();
    for s in &t.steps {
        match s {
            TraversalStep::Attr(a) => out.push_str(&format!(".{}", a.name)),
            TraversalStep::Index(v, _) => match v.as_str() {
                Some(k) => out.push_str(&format!("[{k:?}]")),
                None => out.push_str(&format!("[{}]", groma_lang::console_format::format_console(v))),
            },
        }
    }
    out
}

/// The resource that a reference is to.
pub fn resource_of(t: &Traversal) -> Option<Resource> {
    match parse_reference(t).ok()?.subject {
        Subject::Resource { addr, .. } if addr.mode != Mode::Ephemeral => Some(addr),
        _ => None,
    }
}

impl Expected {
    fn is(&self, o: &RuleOrigin) -> bool {
        o.object == self.object && self.instance.as_ref().is_none_or(|i| *i == o.instance)
    }
}

/// What is left to be said when the wanted failures are taken away: those that did
/// not come, and failed checks, which are errors in tests.
pub fn sift(diags: Diagnostics, wanted: &[Expected]) -> Diagnostics {
    let mut met = vec![false; wanted.len()];
    let mut out = Diagnostics::new();
    for mut d in diags {
        let Some(o) = d.origin.clone() else {
            out.push(d);
            continue;
        };
        let mut expected = false;
        for (i, w) in wanted.iter().enumerate().filter(|(_, w)| w.is(&o)) {
            let _ = w;
            (met[i], expected) = (true, true);
        }
        if expected {
            continue;
        }
        if o.kind == "check" {
            d.severity = Severity::Error;
        }
        out.push(d);
    }
    for w in wanted.iter().zip(&met).filter(|(_, met)| !**met).map(|(w, _)| w) {
        out.push(
            Diagnostic::error(
                "Missing expected failure",
                format!("A condition of {} was expected to fail, but none did.", w.text),
            )
            .at(w.span),
        );
    }
    out
}

/// What to say when planning failed although the run wanted to apply: a failure
/// that is wanted came too early.
pub fn too_early(diags: Diagnostics, wanted: &[Expected]) -> Diagnostics {
    let mut out = Diagnostics::new();
    for d in diags {
        let early = d.origin.as_ref().filter(|_| d.is_error()).and_then(|o| wanted.iter().find(|w| w.is(o)));
        if let Some(w) = early {
            out.push(
                Diagnostic::warning(
                    "Expected failure while planning",
                    format!(
                        "A condition of {} failed, as expected, but while planning, so there was nothing to apply. To expect a failure of a plan, use command = plan.",
                        w.text
                    ),
                )
                .at(w.span),
            );
        }
        out.push(d);
    }
    out
}
