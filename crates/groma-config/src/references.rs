//! What references mean: `var.x`, `module.net.vpc_id`, `aws_vpc.main[0].id`.
//!
//! Only the form is looked at here. Whether the thing is declared is for
//! [`crate::validate`], what its value is for the engine.

use crate::decode::traversal::step_span;
use groma_lang::ast::{Traversal, TraversalStep};
use groma_lang::{Diagnostic, Diagnostics, Expr, Ident, Span};
use groma_value::addr::{Key, Mode, Resource as ResourceAddr};
use groma_value::{Name, Number, Value};

/// What a reference is to.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// `var.name`
    Variable(Name),
    /// `local.name`
    Local(Name),
    /// `type.name`, `data.type.name`, `ephemeral.type.name`, perhaps with the
    /// constant key of one instance.
    Resource {
        /// The resource.
        addr: ResourceAddr,
        /// `[0]`, `["a"]`; `Key::None` if no constant key follows.
        key: Key,
    },
    /// `module.name`, perhaps with a constant key and an output's name.
    Module {
        /// The call.
        name: Name,
        /// `[0]`, `["a"]`; `Key::None` if no constant key follows.
        key: Key,
        /// The output.
        output: Option<Ident>,
    },
    /// `each.key`
    EachKey,
    /// `each.value`
    EachValue,
    /// `count.index`
    CountIndex,
    /// `path.name`: `module`, `root`, `cwd`.
    Path(Name),
    /// `terraform.name`: `workspace`, `applying`.
    Terraform(Name),
    /// `self`
    SelfObject,
}

/// A reference, with what follows its subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// What it is to.
    pub subject: Subject,
    /// The part that names the subject.
    pub span: Span,
    /// How many steps of the traversal the subject took.
    pub consumed: usize,
    /// The other steps.
    pub remaining: Vec<TraversalStep>,
}

const INVALID: &str = "Invalid reference";

/// Reads a traversal as a reference. The error says which form is expected.
pub fn parse_reference(t: &Traversal) -> Result<Reference, Box<Diagnostic>> {
    let root = &t.root;
    let fail = |span: Span, detail: String| Err(Box::new(Diagnostic::error(INVALID, detail).at(span)));
    let found = |subject: Subject, consumed: usize| {
        let end = if consumed == 0 { root.span } else { step_span(&t.steps[consumed - 1]) };
        Ok(Reference { subject, span: root.span.to(end), consumed, remaining: t.steps[consumed..].to_vec() })
    };
    // The one attribute that objects such as `var` must be followed by.
    let attribute = || match t.steps.first() {
        Some(TraversalStep::Attr(a)) => Ok(a),
        Some(TraversalStep::Index(_, span)) => Err(Box::new(
            Diagnostic::error(
                INVALID,
                format!("After \"{0}\" a dot and a name must follow: \"{0}\" cannot be indexed.", root.name),
            )
            .at(*span),
        )),
        None => Err(Box::new(
            Diagnostic::error(
                INVALID,
                format!("\"{0}\" is nothing by itself: a dot and a name must follow.", root.name),
            )
            .at(root.span),
        )),
    };
    let unknown_attribute = |a: &Ident, known: &str| {
        let summary = format!("Invalid \"{}\" attribute", root.name);
        Err(Box::new(
            Diagnostic::error(
                summary,
                format!("\"{}\" has no attribute \"{}\". There is only: {known}.", root.name, a.name),
            )
            .at(a.span),
        ))
    };
    match &*root.name {
        "var" => found(Subject::Variable(attribute()?.name.clone()), 1),
        "local" => found(Subject::Local(attribute()?.name.clone()), 1),
        "path" => found(Subject::Path(attribute()?.name.clone()), 1),
        "terraform" => found(Subject::Terraform(attribute()?.name.clone()), 1),
        "count" => {
            let a = attribute()?;
            if &*a.name == "index" { found(Subject::CountIndex, 1) } else { unknown_attribute(a, "index") }
        }
        "each" => {
            let a = attribute()?;
            match &*a.name {
                "key" => found(Subject::EachKey, 1),
                "value" => found(Subject::EachValue, 1),
                _ => unknown_attribute(a, "key, value"),
            }
        }
        "self" => found(Subject::SelfObject, 0),
        "module" => {
            let name = attribute()?.name.clone();
            let (key, mut consumed) = match t.steps.get(1) {
                Some(TraversalStep::Index(v, _)) => (instance_key(v), 2),
                _ => (Key::None, 1),
            };
            let mut output = None;
            if let Some(TraversalStep::Attr(a)) = t.steps.get(consumed) {
                output = Some(a.clone());
                consumed += 1;
            }
            found(Subject::Module { name, key, output }, consumed)
        }
        "template" | "lazy" | "arg" => Err(Box::new(
            Diagnostic::error(
                "Reserved symbol name",
                format!("\"{}\" is kept for later versions of the language. A resource of a type with this name is written with \"resource.\" in front.", root.name),
            )
            .at(root.span),
        )),
        mode @ ("data" | "ephemeral" | "resource") => {
            let kind = match mode {
                "data" => Mode::Data,
                "ephemeral" => Mode::Ephemeral,
                _ => Mode::Managed,
            };
            let (Some(TraversalStep::Attr(ty)), Some(TraversalStep::Attr(name))) = (t.steps.first(), t.steps.get(1))
            else {
                return fail(t.span, format!("After \"{mode}\" a type and a name must follow, each after a dot."));
            };
            resource(t, kind, ty, name, 2, found)
        }
        _ => match t.steps.first() {
            Some(TraversalStep::Attr(name)) => resource(t, Mode::Managed, root, name, 1, found),
            Some(TraversalStep::Index(_, span)) => fail(
                *span,
                format!("\"{}\" would be a type of resources: a dot and the name of a resource must follow.", root.name),
            ),
            None => fail(
                root.span,
                format!(
                    "\"{}\" alone refers to nothing. If it is a type of resources, a dot and the name of a resource must follow; \
                     for the text \"{0}\", use quotes.",
                    root.name
                ),
            ),
        },
    }
}

fn resource(
    t: &Traversal,
    mode: Mode,
    ty: &Ident,
    name: &Ident,
    consumed: usize,
    found: impl Fn(Subject, usize) -> Result<Reference, Box<Diagnostic>>,
) -> Result<Reference, Box<Diagnostic>> {
    let addr = ResourceAddr { mode, ty: ty.name.clone(), name: name.name.clone() };
    match t.steps.get(consumed) {
        Some(TraversalStep::Index(v, _)) if instance_key(v) != Key::None => {
            found(Subject::Resource { addr, key: instance_key(v) }, consumed + 1)
        }
        _ => found(Subject::Resource { addr, key: Key::None }, consumed),
    }
}

fn instance_key(v: &Value) -> Key {
    match v {
        Value::String(s) => Key::Str(s.clone()),
        Value::Number(n) => Number::as_usize(n).map_or(Key::None, |i| Key::Int(i as u64)),
        _ => Key::None,
    }
}

/// Checks an element of `replace_triggered_by`. Gives whether it is good; an
/// error if it cannot be understood at all.
pub(crate) fn check_trigger(expr: &Expr, diags: &mut Diagnostics) -> Result<bool, Box<Diagnostic>> {
    const SUMMARY: &str = "Invalid replace_triggered_by expression";
    let before = diags.len();
    let mut resources = 0;
    for t in expr.references() {
        match parse_reference(&t)?.subject {
            Subject::Resource { .. } => resources += 1,
            Subject::EachKey | Subject::CountIndex => {}
            _ => diags.error(
                expr.span,
                "Invalid reference in replace_triggered_by expression",
                "Only resources may be named here, and count.index and each.key in their keys.",
            ),
        }
    }
    match resources {
        0 => diags.error(expr.span, SUMMARY, "The expression refers to no resource."),
        1 => {}
        _ => diags.error(
            expr.span,
            SUMMARY,
            "The expression refers to more than one resource; list them one by one.",
        ),
    }
    Ok(diags.len() == before)
}
