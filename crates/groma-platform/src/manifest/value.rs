//! Values of a manifest: constants and references, each with its place.

use groma_lang::Span;
use groma_value::Number;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Val {
    /// What it is.
    pub kind: ValKind,
    /// Where it is written.
    pub span: Span,
    /// How many environments' overrides come before it: 0 for what the component's own
    /// block says, 1 for what the first of the environments that are like one another
    /// overrides, and so on.
    pub layer: usize,
    /// Whether the environment's name took part.
    pub varies: bool,
}

/// The kinds of values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ValKind {
    /// As if nothing were written.
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    Ref(Reference),
    List(Vec<Val>),
    /// In the order of writing.
    Object(Vec<Field>),
}

/// A named value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    pub name: String,
    pub span: Span,
    pub value: Val,
}

/// A reference: `database.main.write`, `internet.host["api.stripe.com"]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reference {
    pub root: String,
    pub steps: Vec<Step>,
    pub span: Span,
}

/// A step of a reference.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Name(String),
    Index(String),
}

impl Step {
    /// The text of either form.
    pub fn text(&self) -> &str {
        match self {
            Step::Name(s) | Step::Index(s) => s,
        }
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.root)?;
        for s in &self.steps {
            match s {
                Step::Name(n) => write!(f, ".{n}")?,
                Step::Index(n) => write!(f, "[{n:?}]")?,
            }
        }
        Ok(())
    }
}

impl Val {
    /// What it is, for messages: `the text "x"`.
    pub fn describe(&self) -> String {
        match &self.kind {
            ValKind::Null => "null".into(),
            ValKind::Bool(b) => b.to_string(),
            ValKind::Number(n) => format!("the number {n}"),
            ValKind::Text(t) => format!("the text {t:?}"),
            ValKind::Ref(r) => format!("the reference {r}"),
            ValKind::List(_) => "a list".into(),
            ValKind::Object(_) => "an object".into(),
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            ValKind::Text(t) => Some(t),
            _ => None,
        }
    }

    /// The elements of a list; a single value counts as a list of one.
    pub fn elements(&self) -> &[Val] {
        match &self.kind {
            ValKind::List(items) => items,
            ValKind::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// The fields of an object.
    pub fn fields(&self) -> &[Field] {
        match &self.kind {
            ValKind::Object(fields) => fields,
            _ => &[],
        }
    }

    /// All references in it.
    pub fn references(&self) -> Vec<&Reference> {
        match &self.kind {
            ValKind::Ref(r) => vec![r],
            ValKind::List(items) => items.iter().flat_map(Val::references).collect(),
            ValKind::Object(fields) => fields.iter().flat_map(|f| f.value.references()).collect(),
            _ => Vec::new(),
        }
    }

    /// Puts the values of an override over these: objects key by key, anything else
    /// as a whole.
    pub fn overlay(&mut self, over: Val) {
        match (&mut self.kind, over) {
            (ValKind::Object(mine), Val { kind: ValKind::Object(theirs), span, .. }) => {
                for field in theirs {
                    match mine.iter_mut().find(|f| f.name == field.name) {
                        Some(f) => f.value.overlay(field.value),
                        None => mine.push(field),
                    }
                }
                self.span = span;
            }
            (_, over) => *self = over,
        }
    }

    /// Marks it and all in it as of a layer.
    pub fn set_layer(&mut self, layer: usize) {
        self.layer = layer;
        match &mut self.kind {
            ValKind::List(items) => items.iter_mut().for_each(|v| v.set_layer(layer)),
            ValKind::Object(fields) => fields.iter_mut().for_each(|f| f.value.set_layer(layer)),
            _ => {}
        }
    }
}
