//! What references mean: `var.x`, `module.net.vpc_id`, `aws_vpc.main[0].id`.
//!
//! Only the form is looked at here. Whether the thing is declared is for
//! [`crate::validate`], what its value is for the engine.

use crate::decode::traversal::step_span;
use crate::model::{CheckRule, Import, Local, ModuleCall, Output, Provisioner, Resource, Variable};
use groma_lang::ast::{Traversal, TraversalStep};
use groma_lang::decode::references_in_body;
use groma_lang::{Block, Body, Diagnostic, Diagnostics, Expr, ExprKind, Ident, Span};
use groma_value::addr::{Key, Mode, Resource as ResourceAddr};
use groma_value::{Name, Number, Value, schema};

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

/// All references of a body to names from outside of it. With a schema, only
/// those in parts that the schema knows; without, in all. Iterators of `dynamic`
/// blocks are left out.
pub fn body_references(body: &Body, schema: Option<&schema::Block>) -> Vec<Traversal> {
    if let Some(schema) = schema {
        return references_in_body(body, schema);
    }
    let mut walk = BodyWalk { bound: Vec::new(), out: Vec::new(), only_certain: false };
    walk.body(body);
    walk.out
}

/// The references of a body that are certainly needed: all but those in the
/// content of `dynamic` blocks, of which there may turn out to be none.
pub(crate) fn certain_references(body: &Body) -> Vec<Traversal> {
    let mut walk = BodyWalk { bound: Vec::new(), out: Vec::new(), only_certain: true };
    walk.body(body);
    walk.out
}

/// Collects references of a body without knowing its schema.
struct BodyWalk {
    /// Names of the iterators around.
    bound: Vec<Name>,
    out: Vec<Traversal>,
    only_certain: bool,
}

impl BodyWalk {
    fn expr(&mut self, e: &Expr) {
        let bound = &self.bound;
        self.out.extend(e.references().into_iter().filter(|t| !bound.contains(&t.root.name)));
    }

    fn body(&mut self, body: &Body) {
        for a in &body.attributes {
            if body.json && &*a.name.name == "dynamic" {
                self.json_dynamic(&a.expr);
            } else if body.json {
                self.json_value(&a.expr);
            } else {
                self.expr(&a.expr);
            }
        }
        for b in &body.blocks {
            match b.labels.first().filter(|_| &*b.ty.name == "dynamic") {
                Some(label) => self.dynamic(b, &label.name),
                None => self.body(&b.body),
            }
        }
    }

    fn dynamic(&mut self, b: &Block, label: &Name) {
        let mut constant = false;
        if let Some(a) = b.body.attribute("for_each") {
            self.expr(&a.expr);
            constant = a.expr.references().is_empty();
        }
        if self.only_certain && !constant {
            return;
        }
        self.bound.push(iterator_of(b).unwrap_or_else(|| label.clone()));
        if let Some(a) = b.body.attribute("labels") {
            self.expr(&a.expr);
        }
        for content in b.body.blocks_of("content") {
            self.body(&content.body);
        }
        self.bound.pop();
    }

    /// A value in JSON syntax, which may turn out to be blocks.
    fn json_value(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Tuple(items) => items.iter().for_each(|e| self.json_value(e)),
            ExprKind::Object(items) => {
                for i in items {
                    if text(&i.key) == Some("dynamic") {
                        self.json_dynamic(&i.value);
                    } else {
                        self.expr(&i.key);
                        self.json_value(&i.value);
                    }
                }
            }
            _ => self.expr(e),
        }
    }

    /// The value of a property `dynamic`: objects by the type of the blocks that
    /// they make.
    fn json_dynamic(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Tuple(items) => items.iter().for_each(|e| self.json_dynamic(e)),
            ExprKind::Object(items) => items.iter().for_each(|i| self.json_generator(text(&i.key), &i.value)),
            _ => {}
        }
    }

    fn json_generator(&mut self, label: Option<&str>, e: &Expr) {
        let items = match &e.kind {
            ExprKind::Tuple(items) => return items.iter().for_each(|e| self.json_generator(label, e)),
            ExprKind::Object(items) => items,
            _ => return,
        };
        let property = |name: &str| items.iter().find(|i| text(&i.key) == Some(name)).map(|i| &i.value);
        let mut constant = false;
        if let Some(e) = property("for_each") {
            self.expr(e);
            constant = e.references().is_empty();
        }
        if self.only_certain && !constant {
            return;
        }
        let iterator = property("iterator").and_then(text).or(label).unwrap_or_default();
        self.bound.push(iterator.into());
        for e in ["labels", "content"].into_iter().filter_map(property) {
            self.json_value(e);
        }
        self.bound.pop();
    }
}

fn iterator_of(dynamic: &Block) -> Option<Name> {
    match &dynamic.body.attribute("iterator")?.expr.kind {
        ExprKind::Variable(n) => Some(n.clone()),
        _ => None,
    }
}

fn text(e: &Expr) -> Option<&str> {
    match &e.kind {
        ExprKind::Literal(v) => v.as_str(),
        _ => None,
    }
}

impl CheckRule {
    /// All references of the rule.
    pub fn references(&self) -> Vec<Traversal> {
        let mut out = self.condition.references();
        out.extend(self.error_message.references());
        out
    }
}

impl Provisioner {
    /// All references of the provisioner and its connection, but for `self`.
    /// Nothing below knows the schemas of provisioners.
    pub fn references(&self) -> Vec<Traversal> {
        let mut out = body_references(&self.body, None);
        out.extend(self.connection.iter().flat_map(|c| body_references(c, None)));
        out.retain(|t| &*t.root.name != "self");
        out
    }
}

impl Resource {
    /// All that the resource refers to: repetition, content (by the schema, if
    /// given), conditions, `replace_triggered_by`, provisioners, connection,
    /// `depends_on`; but for `self`.
    pub fn references(&self, schema: Option<&schema::Block>) -> Vec<Traversal> {
        let mut out = self.repetition_references();
        out.extend(self.provider_key.iter().flat_map(Expr::references));
        out.extend(body_references(&self.body, schema));
        let l = &self.lifecycle;
        out.extend(l.preconditions.iter().chain(&l.postconditions).flat_map(CheckRule::references));
        out.extend(l.replace_triggered_by.iter().flat_map(Expr::references));
        out.extend(self.provisioners.iter().flat_map(Provisioner::references));
        out.extend(self.connection.iter().flat_map(|c| body_references(c, None)));
        out.extend(self.depends_on.iter().filter_map(Expr::as_traversal));
        out.retain(|t| &*t.root.name != "self");
        out
    }
    /// What says how many instances there are: `count`, `for_each` or `enabled`.
    pub fn repetition(&self) -> impl Iterator<Item = &Expr> {
        self.count.iter().chain(&self.for_each).chain(&self.lifecycle.enabled)
    }
    /// What `count`, `for_each` or `enabled` refers to.
    pub fn repetition_references(&self) -> Vec<Traversal> {
        self.repetition().flat_map(Expr::references).collect()
    }
}

impl ModuleCall {
    /// What says how many instances there are: `count`, `for_each` or `enabled`.
    pub fn repetition(&self) -> impl Iterator<Item = &Expr> {
        self.count.iter().chain(&self.for_each).chain(&self.enabled)
    }
    /// What `count`, `for_each`, `enabled` and `depends_on` refer to: what all within the
    /// module waits for.
    pub fn expansion_references(&self) -> Vec<Traversal> {
        let mut out: Vec<Traversal> = self.repetition().flat_map(Expr::references).collect();
        out.extend(self.depends_on.iter().filter_map(Expr::as_traversal));
        out
    }
    /// What the argument for an input variable refers to.
    pub fn argument_references(&self, variable: &str) -> Vec<Traversal> {
        self.body.attribute(variable).map(|a| a.expr.references()).unwrap_or_default()
    }
}

impl Local {
    /// What the value refers to.
    pub fn references(&self) -> Vec<Traversal> {
        self.expr.references()
    }
}

impl Output {
    /// What the value, the preconditions and `depends_on` refer to.
    pub fn references(&self) -> Vec<Traversal> {
        let mut out = self.expr.references();
        out.extend(self.preconditions.iter().flat_map(CheckRule::references));
        out.extend(self.depends_on.iter().filter_map(Expr::as_traversal));
        out
    }
}

impl Variable {
    /// What the validation rules refer to, other than the variable itself.
    pub fn validation_references(&self) -> Vec<Traversal> {
        let own = |t: &Traversal| {
            &*t.root.name == "var"
                && matches!(t.steps.first(), Some(TraversalStep::Attr(a)) if a.name == self.name.name)
        };
        self.validations.iter().flat_map(CheckRule::references).filter(|t| !own(t)).collect()
    }
}

impl crate::model::Asked {
    /// What all of the block refers to.
    pub fn references(&self) -> Vec<Traversal> {
        let mut out: Vec<Traversal> = self
            .count
            .iter()
            .chain(&self.for_each)
            .chain(&self.provider_key)
            .flat_map(Expr::references)
            .collect();
        out.extend(body_references(&self.config, None));
        out
    }
}

/// The type and the name in a reference to what a list found: `list.TYPE.NAME`.
pub fn list_of(t: &Traversal) -> Option<(&Name, &Name)> {
    match &t.steps[..] {
        [TraversalStep::Attr(ty), TraversalStep::Attr(name), ..] if &*t.root.name == "list" => {
            Some((&ty.name, &name.name))
        }
        _ => None,
    }
}

impl crate::model::List {
    /// What all of the block refers to.
    pub fn references(&self) -> Vec<Traversal> {
        let mut out = self.asked.references();
        out.extend(self.include_resource.iter().chain(&self.limit).flat_map(Expr::references));
        out
    }
}

impl crate::model::Module {
    /// The actions that a resource of this module triggers.
    pub fn triggered_actions<'m>(&'m self, r: &'m Resource) -> impl Iterator<Item = &'m crate::model::Asked> {
        let named = r.lifecycle.triggers.iter().flat_map(|t| &t.actions);
        named.filter_map(|a| self.actions.get(&(a.ty.clone(), a.name.clone())))
    }

    /// What has to be there before a resource of this module changes because of the actions
    /// that it triggers. They may refer to the resource itself, which is no reason to wait.
    pub fn trigger_references(&self, r: &Resource) -> Vec<Traversal> {
        let triggers = r.lifecycle.triggers.iter();
        let evaluated =
            triggers.flat_map(|t| t.condition.iter().chain(t.actions.iter().filter_map(|a| a.key.as_ref())));
        let mut out: Vec<Traversal> = evaluated.flat_map(Expr::references).collect();
        out.extend(self.triggered_actions(r).flat_map(crate::model::Asked::references));
        let own = |t: &Traversal| {
            *t.root.name == *r.addr.ty
                && matches!(t.steps.first(), Some(TraversalStep::Attr(a)) if a.name == r.addr.name)
        };
        out.retain(|t| !own(t));
        out
    }
}

impl Import {
    /// What the id, the identity, `for_each` and keys of the address refer to.
    pub fn references(&self) -> Vec<Traversal> {
        let mut out: Vec<Traversal> =
            self.id.iter().chain(&self.identity).chain(&self.for_each).flat_map(Expr::references).collect();
        out.extend(self.provider_key.iter().flat_map(Expr::references));
        // The address itself is no reference, but keys within it may hold some.
        let mut at = &self.to;
        loop {
            at = match &at.kind {
                ExprKind::GetAttr(s, _) => s,
                ExprKind::Index(s, k) => {
                    out.extend(k.references());
                    s
                }
                _ => break,
            };
        }
        out
    }
}
