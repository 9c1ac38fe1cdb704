//! From expressions to values. Lists and objects are taken apart, so that every
//! element keeps its place; anything else is evaluated as the language does it, with
//! references standing for themselves.

use super::spec::{self, BLOCKS};
use super::value::{Field, Reference, Step, Val, ValKind};
use groma_lang::ast::{Expr, ExprKind, Ident};
use groma_lang::eval::{self, Resolved};
use groma_lang::functions::{FunctionContext, Functions};
use groma_lang::{Diagnostic, Diagnostics, Span, diag};
use groma_value::Value;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;

/// What expressions are evaluated in.
pub(crate) struct Scope {
    functions: Functions,
    /// `platform.…`
    pub platform: BTreeMap<&'static str, String>,
    /// `environment.…`; empty outside of environments.
    pub environment: BTreeMap<&'static str, String>,
    /// References met while evaluating, which their places in values stand for.
    met: RefCell<Vec<Reference>>,
    /// Whether the environment took part in what is being evaluated.
    varies: Cell<bool>,
}

/// The field of the object that stands for a reference during evaluation.
const MARKER: &str = "\u{1}reference";

/// References that begin no block.
const OTHER_ROOTS: &[&str] = &["internet", "schedule", "load_balancer"];

/// Whether a reference may begin with it.
fn is_root(name: &str) -> bool {
    spec::block(name).is_some() || OTHER_ROOTS.contains(&name)
}

impl Scope {
    /// For a manifest in `dir`, outside of environments.
    pub fn new(dir: &Path) -> Scope {
        let context = FunctionContext { base_dir: dir.to_owned(), ..FunctionContext::default() };
        Scope {
            functions: Functions::standard(&context),
            platform: BTreeMap::new(),
            environment: BTreeMap::new(),
            met: RefCell::default(),
            varies: Cell::new(false),
        }
    }

    /// The value of an expression; `None` after an error.
    pub fn value(&self, expr: &Expr, diags: &mut Diagnostics) -> Option<Val> {
        let make = |kind| Some(Val { kind, span: expr.span, layer: 0, varies: false });
        match &expr.kind {
            ExprKind::Parens(inner) => self.value(inner, diags),
            ExprKind::Tuple(items) => {
                // Each element is looked at, also after one that is wrong.
                let items: Vec<Option<Val>> = items.iter().map(|e| self.value(e, diags)).collect();
                make(ValKind::List(items.into_iter().collect::<Option<Vec<Val>>>()?))
            }
            ExprKind::Object(items) => {
                let mut fields: Vec<Field> = Vec::new();
                let mut whole = true;
                for item in items {
                    let name = self.key(&item.key, diags);
                    let value = self.value(&item.value, diags);
                    let (Some(name), Some(value)) = (name, value) else {
                        whole = false;
                        continue;
                    };
                    if fields.iter().any(|f| f.name == name) {
                        diags.error(
                            item.key.span,
                            "Name given twice",
                            format!("The object has a value for {name:?} already. Keep one of them."),
                        );
                        whole = false;
                        continue;
                    }
                    fields.push(Field { name, span: item.key.span, value });
                }
                whole.then(|| make(ValKind::Object(fields)))?
            }
            _ => self.evaluated(expr, diags),
        }
    }

    fn key(&self, key: &Expr, diags: &mut Diagnostics) -> Option<String> {
        let v = self.evaluated(key, diags)?;
        match v.kind {
            ValKind::Text(t) => Some(t),
            ValKind::Number(n) => Some(n.to_string()),
            _ => {
                diags.error(
                    key.span,
                    "Wrong name",
                    format!(
                        "A name in an object is a text, and this is {}. Write it in quotes.",
                        v.describe()
                    ),
                );
                None
            }
        }
    }

    fn evaluated(&self, expr: &Expr, diags: &mut Diagnostics) -> Option<Val> {
        if let ExprKind::Template(_) = &expr.kind
            && let Some(r) =
                expr.references().into_iter().find(|r| is_root(&r.root.name) && !self.is_known_text(r))
        {
            diags.error(
                r.span,
                "Not a text",
                "A text can have environment.name, environment.slug, environment.label, environment.account, \
                 environment.region and those of platform in it. What AWS knows of a component only after it is made \
                 reaches services by uses, and modules by inputs.",
            );
            return None;
        }
        self.met.borrow_mut().clear();
        self.varies.set(false);
        let mut found = Diagnostics::new();
        let value = eval::evaluate(expr, self, &mut found);
        let failed = found.has_errors();
        diags.extend(found);
        if failed {
            return None;
        }
        self.constant_of(&value, expr.span, diags)
    }

    /// Whether a reference has a value here: `environment.slug`.
    fn is_known_text(&self, r: &groma_lang::ast::Traversal) -> bool {
        let attributes = spec::block(&r.root.name).map_or(&[][..], |b| b.attributes);
        let first = match r.steps.first() {
            Some(groma_lang::ast::TraversalStep::Attr(a)) => &*a.name,
            _ => return false,
        };
        matches!(&*r.root.name, "environment" | "platform") && attributes.iter().any(|(n, _)| *n == first)
    }

    fn constant_of(&self, value: &Value, span: Span, diags: &mut Diagnostics) -> Option<Val> {
        let varies = self.varies.get();
        let make = |kind| Some(Val { kind, span, layer: 0, varies });
        match value.peel() {
            Value::Null(_) => make(ValKind::Null),
            Value::Bool(b) => make(ValKind::Bool(*b)),
            Value::Number(n) => make(ValKind::Number(n.clone())),
            Value::String(s) => make(ValKind::Text(s.to_string())),
            Value::Unknown(..) => {
                diags.error(
                    span,
                    "Not a constant",
                    "A manifest must be the same each time it is read, and this depends on the moment. Write the \
                     value itself.",
                );
                None
            }
            v => {
                if let Some(i) = v.as_fields().and_then(|f| f.get(MARKER)).and_then(Value::as_number) {
                    let r = self.met.borrow().get(i.as_usize()?).cloned()?;
                    return Some(Val { span: r.span, kind: ValKind::Ref(r), layer: 0, varies });
                }
                if let Some(fields) = v.as_fields() {
                    let fields = fields
                        .iter()
                        .map(|(name, v)| {
                            Some(Field {
                                name: name.to_string(),
                                span,
                                value: self.constant_of(v, span, diags)?,
                            })
                        })
                        .collect::<Option<Vec<Field>>>()?;
                    return make(ValKind::Object(fields));
                }
                let items = v.as_elements().unwrap_or(&[]);
                let items =
                    items.iter().map(|v| self.constant_of(v, span, diags)).collect::<Option<Vec<Val>>>()?;
                make(ValKind::List(items))
            }
        }
    }

    fn constant(&self, root: &str, name: &str) -> Option<Value> {
        let facts = if root == "platform" { &self.platform } else { &self.environment };
        facts.get(name).map(Value::string)
    }
}

impl eval::Scope for Scope {
    fn resolve(&self, root: &Ident, steps: &[eval::Step], diags: &mut Diagnostics) -> Option<Resolved> {
        if !is_root(&root.name) {
            let names = BLOCKS.iter().map(|b| b.keyword).chain(OTHER_ROOTS.iter().copied());
            let remedy = match diag::suggest(&root.name, names) {
                _ if matches!(&*root.name, "var" | "local" | "locals" | "data" | "each" | "count" | "path") => {
                    "A manifest has no variables, locals and data sources: write the value. What differs from one \
                     environment to the other is said in the environment's block, or follows from environment.name, \
                     environment.slug and environment.label."
                        .to_owned()
                }
                Some(near) => format!("Did you mean {near}?"),
                None => {
                    "A reference begins with the kind of what it refers to: database.main.write, image.app, \
                         environment.name. A text stands in quotes."
                        .to_owned()
                }
            };
            diags.error(
                root.span,
                "Unknown reference",
                format!("Nothing is called \"{}\" here. {remedy}", root.name),
            );
            return None;
        }
        if let (true, Some(eval::Step::Attr(name, span))) =
            (matches!(&*root.name, "environment" | "platform"), steps.first())
            && spec::block(&root.name).is_some_and(|b| b.attributes.iter().any(|(n, _)| *n == &**name))
        {
            self.varies.set(self.varies.get() | (&*root.name == "environment"));
            let Some(value) = self.constant(&root.name, name) else {
                diags.error(
                    root.span.to(*span),
                    "No value here",
                    format!(
                        "{}.{name} has a value only {}.",
                        root.name,
                        if &*root.name == "environment" {
                            "in blocks that belong to an environment"
                        } else {
                            "where the platform block gives it one, and not in that block itself"
                        }
                    ),
                );
                return None;
            };
            return Some(Resolved { value, consumed: 1 });
        }
        let mut span = root.span;
        let mut path = Vec::new();
        for step in steps {
            span = span.to(step.span());
            path.push(match step {
                eval::Step::Attr(name, _) => Step::Name(name.to_string()),
                eval::Step::Index(key, at) => match key.peel() {
                    Value::String(s) => Step::Index(s.to_string()),
                    Value::Number(n) => Step::Index(n.to_string()),
                    _ => {
                        diags.push(
                            Diagnostic::error(
                                "Wrong reference",
                                "Between [ and ] of a reference stands a text in quotes.",
                            )
                            .at(*at),
                        );
                        return None;
                    }
                },
            });
        }
        let mut met = self.met.borrow_mut();
        met.push(Reference { root: root.name.to_string(), steps: path, span });
        let value = Value::object([(MARKER, Value::int(met.len() as i64 - 1))]);
        Some(Resolved { value, consumed: steps.len() })
    }

    fn functions(&self) -> &Functions {
        &self.functions
    }
}
