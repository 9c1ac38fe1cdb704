//! From the body of a block to arguments of the right types, or messages that say what
//! is wrong and what to write.

use super::evaluate::Scope;
use super::names::Names;
use super::reference;
use super::spec::{self, Arg, BlockSpec, Default, Type};
use super::value::{Field, Reference, Val, ValKind};
use crate::model::ComponentId;
use groma_lang::{Body, Diagnostic, Diagnostics, Span};
use groma_value::Number;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What arguments are read in.
pub(crate) struct Context<'a> {
    /// Where the manifest is.
    pub dir: &'a Path,
    /// What is declared.
    pub names: &'a Names,
    /// What expressions are evaluated in.
    pub scope: &'a Scope,
    /// The environment, and what it has of the components.
    pub environment: Option<(&'a str, &'a BTreeSet<ComponentId>)>,
}

impl Context<'_> {
    /// Refuses a component that the environment does not have.
    pub fn present(&self, id: &ComponentId, r: &Reference) -> Result<(), Diagnostic> {
        match self.environment {
            Some((environment, present)) if !present.contains(id) => Err(Diagnostic::error(
                "Reference to something that is not there",
                format!(
                    "The environment {environment} has no {id}: only or except of {id} keeps it out. Let {id} be there too, \
                     keep out what refers to it as well, or override the argument in environment \"{environment}\"."
                ),
            )
            .at(r.span)),
            _ => Ok(()),
        }
    }
}

/// The arguments of a block or an object.
#[derive(Clone, Debug)]
pub(crate) struct Args {
    /// What it is, for messages: `service "web"`.
    pub title: String,
    /// The header of the block.
    pub span: Span,
    spec: &'static [Arg],
    values: BTreeMap<&'static str, Val>,
}

impl Args {
    /// No arguments yet.
    pub fn new(title: impl Into<String>, span: Span, spec: &'static [Arg]) -> Args {
        Args { title: title.into(), span, spec, values: BTreeMap::new() }
    }

    /// Reads the attributes of a body over what is there. Returns whether all is well.
    pub fn read(
        &mut self,
        body: &Body,
        block: &BlockSpec,
        layer: usize,
        context: &Context<'_>,
        diags: &mut Diagnostics,
    ) -> bool {
        let mut well = true;
        for a in &body.attributes {
            let name = &*a.name.name;
            let Some(arg) = block.arg(name) else {
                diags.push(unknown_argument(name, a.name.span, block));
                well = false;
                continue;
            };
            if layer > 0 && !block.args.iter().any(|a| a.name == name) {
                diags.error(
                    a.name.span,
                    "Not to be overridden",
                    format!("\"{name}\" says in which environments something is, and this is within an environment. Say it in the block of the {} itself.", block.keyword),
                );
                well = false;
                continue;
            }
            let value = context.scope.value(&a.expr, diags);
            let what = format!("\"{name}\"");
            match value.and_then(|v| fit(v, &arg.ty, &what, context, diags)) {
                Some(mut value) => {
                    value.set_layer(layer);
                    match self.values.get_mut(arg.name) {
                        Some(v) => v.overlay(value),
                        None => {
                            self.values.insert(arg.name, value);
                        }
                    }
                }
                None => well = false,
            }
        }
        well
    }

    /// Sets an argument.
    pub fn put(&mut self, arg: &'static Arg, value: Val) {
        self.values.insert(arg.name, value);
    }

    /// Reports what is missing. Returns whether nothing is.
    pub fn complete(&self, diags: &mut Diagnostics) -> bool {
        let missing: Vec<&Arg> = self
            .spec
            .iter()
            .filter(|a| matches!(a.default, Default::Required) && self.get(a.name).is_none())
            .collect();
        for a in &missing {
            diags.error(
                self.span,
                "Missing argument",
                format!(
                    "{} needs \"{}\": {} For instance:\n    {} = {}",
                    self.title, a.name, a.doc, a.name, a.example
                ),
            );
        }
        missing.is_empty()
    }

    fn arg(&self, name: &str) -> Option<&'static Arg> {
        let found = self.spec.iter().chain(spec::COMMON).find(|a| a.name == name);
        debug_assert!(found.is_some(), "no argument {name} of {}", self.title);
        #[cfg(test)]
        read_names::note(self.spec, name);
        found
    }

    /// The value, if one other than null is written.
    pub fn get(&self, name: &str) -> Option<&Val> {
        self.arg(name);
        self.values.get(name).filter(|v| v.kind != ValKind::Null)
    }
    /// The value, null included.
    pub fn written(&self, name: &str) -> Option<&Val> {
        self.arg(name);
        self.values.get(name)
    }
    /// Where the value is written; the header where it is not.
    pub fn span(&self, name: &str) -> Span {
        self.get(name).map_or(self.span, |v| v.span)
    }
    /// All that is written.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &Val)> {
        self.values.iter().map(|(n, v)| (*n, v))
    }
    fn default(&self, name: &str) -> Option<&'static str> {
        match self.arg(name)?.default {
            Default::Value(text) => Some(text),
            _ => None,
        }
    }
    /// A text, be it the default.
    pub fn text(&self, name: &str) -> Option<String> {
        let written = self.get(name).and_then(Val::text).map(str::to_owned);
        written.or_else(|| self.default(name).map(str::to_owned))
    }
    /// A boolean, be it the default.
    pub fn flag(&self, name: &str) -> bool {
        match self.get(name).map(|v| &v.kind) {
            Some(ValKind::Bool(b)) => *b,
            _ => self.default(name) == Some("true"),
        }
    }
    /// A whole number, be it the default.
    pub fn whole(&self, name: &str) -> Option<u32> {
        match self.get(name).map(|v| &v.kind) {
            Some(ValKind::Number(n)) => n.as_i64().and_then(|n| u32::try_from(n).ok()),
            _ => self.default(name).and_then(|d| d.parse().ok()),
        }
    }
    /// A number, be it the default.
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.get(name).map(|v| &v.kind) {
            Some(ValKind::Number(n)) => Some(n.to_f64()),
            _ => self.default(name).and_then(|d| d.parse().ok()),
        }
    }
    /// The elements of a list; one value counts as a list of one.
    pub fn elements(&self, name: &str) -> &[Val] {
        self.get(name).map_or(&[], Val::elements)
    }
    /// The texts of a list.
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.elements(name).iter().filter_map(Val::text).map(str::to_owned).collect()
    }
    /// Names with texts.
    pub fn map(&self, name: &str) -> BTreeMap<String, String> {
        let fields = self.get(name).map_or(&[][..], Val::fields);
        fields.iter().filter_map(|f| Some((f.name.clone(), f.value.text()?.to_owned()))).collect()
    }
    /// Names with values.
    pub fn fields(&self, name: &str) -> &[Field] {
        self.get(name).map_or(&[], Val::fields)
    }
    /// The name in a reference such as `image.app`.
    pub fn named(&self, name: &str) -> Option<String> {
        self.get(name).and_then(named)
    }
    /// The arguments of an object.
    pub fn object(&self, name: &str) -> Option<Args> {
        let arg = self.arg(name)?;
        let value = self.get(name).filter(|v| matches!(v.kind, ValKind::Object(_)))?;
        Some(Args::of_object(value, arg.ty.fields()?, name))
    }
    /// The arguments of an object that `fields` describes.
    pub fn of_object(value: &Val, fields: &'static [Arg], title: &str) -> Args {
        let values = value
            .fields()
            .iter()
            .filter_map(|f| Some((fields.iter().find(|a| a.name == f.name)?.name, f.value.clone())))
            .collect();
        Args { title: title.to_owned(), span: value.span, spec: fields, values }
    }
}

/// The name in a reference such as `image.app`.
pub(crate) fn named(v: &Val) -> Option<String> {
    match &v.kind {
        ValKind::Ref(r) => r.steps.first().map(|s| s.text().to_owned()),
        _ => None,
    }
}

/// What is said of an argument that a block does not have.
pub(crate) fn unknown_argument(name: &str, span: Span, block: &BlockSpec) -> Diagnostic {
    let keyword = block.keyword;
    let hint = spec::hint(name, block.all_args());
    Diagnostic::error(
        "Unknown argument",
        format!(
            "{} {keyword} has no argument \"{name}\". {hint} For all of it: groma explain {keyword}",
            if spec::article(keyword) == "an" { "An" } else { "A" },
        ),
    )
    .at(span)
}

/// Whether a value has the form of a type, whatever its content.
fn has_form(v: &Val, ty: &Type) -> bool {
    match (ty, &v.kind) {
        (Type::Any, _) => true,
        (Type::Bool, ValKind::Bool(_)) => true,
        (Type::Whole(..) | Type::Number(..) | Type::OneOf(_), ValKind::Number(_)) => true,
        (Type::Text(_) | Type::Choice(_), ValKind::Text(_)) => true,
        (Type::Scalar, ValKind::Bool(_) | ValKind::Number(_) | ValKind::Text(_)) => true,
        (Type::Block(_) | Type::Use | Type::Trigger, ValKind::Ref(r)) => r.root != "load_balancer",
        (Type::Word(w), ValKind::Ref(r)) => r.root == *w,
        (Type::List(_), ValKind::List(_)) => true,
        (Type::Map(_) | Type::Object(_), ValKind::Object(_)) => true,
        (Type::Either(types), _) => types.iter().any(|t| has_form(v, t)),
        _ => false,
    }
}

/// The value as one of a type; `None` after errors. Null fits everything: it is as if
/// nothing were written.
pub(crate) fn fit(
    v: Val,
    ty: &Type,
    what: &str,
    context: &Context<'_>,
    diags: &mut Diagnostics,
) -> Option<Val> {
    if v.kind == ValKind::Null {
        return Some(v);
    }
    if !has_form(&v, ty) {
        diags.push(wrong_type(&v, ty, what));
        return None;
    }
    let range = |diags: &mut Diagnostics, n: &Number| {
        diags.error(
            v.span,
            "Value out of range",
            format!("{what} takes {}, and this is {n}.", ty.describe()),
        );
        None
    };
    match (ty, &v.kind) {
        (Type::Whole(min, max), ValKind::Number(n)) => match n.as_i64() {
            Some(i) if (*min..=*max).contains(&i) => Some(v),
            _ => range(diags, n),
        },
        (Type::Number(min, max), ValKind::Number(n)) => {
            if (*min..=*max).contains(&n.to_f64()) {
                Some(v)
            } else {
                range(diags, n)
            }
        }
        (Type::OneOf(numbers), ValKind::Number(n)) => {
            if n.as_i64().is_some_and(|i| numbers.contains(&i)) {
                Some(v)
            } else {
                range(diags, n)
            }
        }
        (Type::Text(rule), ValKind::Text(t)) => match rule.check(t, context.dir) {
            Ok(()) => Some(v),
            Err(w) => {
                diags.error(v.span, w.0, w.1);
                None
            }
        },
        (Type::Choice(choices), ValKind::Text(t)) => {
            if choices.contains(&t.as_str()) {
                return Some(v);
            }
            let remedy = match groma_lang::diag::suggest(t, choices.iter().copied()) {
                Some(near) => format!("Did you mean {near:?}? There are {}.", listed(choices)),
                None => format!("There are {}.", listed(choices)),
            };
            diags.error(v.span, "Unknown choice", format!("{what} cannot be {t:?}. {remedy}"));
            None
        }
        (Type::Scalar, ValKind::Text(_)) => Some(v),
        (Type::Scalar, ValKind::Bool(b)) => Some(Val { kind: ValKind::Text(b.to_string()), ..v }),
        (Type::Scalar, ValKind::Number(n)) => Some(Val { kind: ValKind::Text(n.to_string()), ..v }),
        (Type::Block(keywords), ValKind::Ref(r)) => {
            kept(reference::block(r, keywords, context).map(drop), v, diags)
        }
        (Type::Use, ValKind::Ref(r)) => kept(reference::used(r, context).map(drop), v, diags),
        (Type::Trigger, ValKind::Ref(r)) => kept(reference::trigger(r, context).map(drop), v, diags),
        (Type::List(inner), ValKind::List(items)) => {
            let one = |i: &Val| fit(i.clone(), inner, &format!("An element of {what}"), context, diags);
            let items: Vec<Option<Val>> = items.iter().map(one).collect();
            let items = items.into_iter().collect::<Option<Vec<Val>>>()?;
            if let Some((i, twice)) =
                items.iter().enumerate().find(|(i, v)| items[..*i].iter().any(|w| same(v, w)))
                && i > 0
                && !matches!(inner, Type::Text(spec::Text::Any))
            {
                diags.error(
                    twice.span,
                    "Written twice",
                    format!("{what} has {} already. Remove one of them.", twice.describe()),
                );
                return None;
            }
            Some(Val { kind: ValKind::List(items), ..v })
        }
        (Type::Map(inner), ValKind::Object(fields)) => {
            let one = |f: &Field| {
                let value =
                    fit(f.value.clone(), inner, &format!("\"{}\" of {what}", f.name), context, diags)?;
                Some(Field { value, ..f.clone() })
            };
            let fields: Vec<Option<Field>> = fields.iter().map(one).collect();
            Some(Val { kind: ValKind::Object(fields.into_iter().collect::<Option<_>>()?), ..v })
        }
        (Type::Object(args), ValKind::Object(fields)) => object(&v, fields, args, what, context, diags),
        (Type::Either(types), _) => {
            let exact = |t: &&Type| match (t, &v.kind) {
                (Type::Block(k), ValKind::Ref(r)) => k.contains(&r.root.as_str()),
                _ => has_form(&v, t),
            };
            let ty = types.iter().find(exact).or_else(|| types.iter().find(|t| has_form(&v, t)))?;
            fit(v.clone(), ty, what, context, diags)
        }
        (Type::Any, _) => {
            let mut well = true;
            for r in v.references() {
                if let Err(d) = reference::attribute(r, context) {
                    diags.push(d);
                    well = false;
                }
            }
            well.then_some(v)
        }
        _ => Some(v),
    }
}

fn kept(found: Result<(), Diagnostic>, v: Val, diags: &mut Diagnostics) -> Option<Val> {
    match found {
        Ok(()) => Some(v),
        Err(d) => {
            diags.push(d);
            None
        }
    }
}

fn object(
    v: &Val,
    fields: &[Field],
    args: &'static [Arg],
    what: &str,
    context: &Context<'_>,
    diags: &mut Diagnostics,
) -> Option<Val> {
    let mut out = Vec::new();
    let mut well = true;
    for f in fields {
        let Some(arg) = args.iter().find(|a| a.name == f.name) else {
            diags.error(
                f.span,
                "Unknown argument",
                format!("{what} has no \"{}\". {}", f.name, spec::hint(&f.name, args.iter())),
            );
            well = false;
            continue;
        };
        let inner = format!("\"{}\" of {what}", f.name);
        match fit(f.value.clone(), &arg.ty, &inner, context, diags) {
            Some(value) => out.push(Field { value, ..f.clone() }),
            None => well = false,
        }
    }
    well.then(|| Val { kind: ValKind::Object(out), ..v.clone() })
}

fn same(a: &Val, b: &Val) -> bool {
    match (&a.kind, &b.kind) {
        (ValKind::Ref(a), ValKind::Ref(b)) => a.to_string() == b.to_string(),
        (ValKind::Text(a), ValKind::Text(b)) => a == b,
        _ => false,
    }
}

fn listed(choices: &[&str]) -> String {
    spec::and(&choices.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>())
}

fn wrong_type(v: &Val, ty: &Type, what: &str) -> Diagnostic {
    let remedy = match (ty, &v.kind) {
        (Type::List(t), _) if has_form(v, t) => " Put it in brackets.".to_owned(),
        (Type::Whole(..) | Type::Number(..) | Type::OneOf(_), ValKind::Text(t))
            if t.parse::<f64>().is_ok() =>
        {
            format!(" Write it without quotes: {t}.")
        }
        (Type::Bool, ValKind::Text(t)) if t == "true" || t == "false" => {
            format!(" Write it without quotes: {t}.")
        }
        (Type::Block(k), ValKind::Text(t)) if k.len() == 1 => {
            format!(" Write the reference without quotes: {}.{}.", k[0], t.rsplit('.').next().unwrap_or(t))
        }
        (Type::Use | Type::Trigger, ValKind::Text(t)) => format!(" Write the reference without quotes: {t}."),
        (Type::Text(_) | Type::Either(_), ValKind::Number(n)) if takes_text(ty) => {
            format!(" Write it in quotes: \"{n}\".")
        }
        (_, ValKind::Ref(r)) if takes_text(ty) => format!(" A text stands in quotes: \"{}\".", r.root),
        _ => String::new(),
    };
    Diagnostic::error(
        "Wrong type",
        format!("{what} takes {}, and this is {}.{remedy}", ty.describe(), v.describe()),
    )
    .at(v.span)
}

fn takes_text(ty: &Type) -> bool {
    match ty {
        Type::Text(_) | Type::Choice(_) => true,
        Type::Either(types) => types.iter().any(takes_text),
        _ => false,
    }
}

/// Which arguments were asked for while testing: the table has none that nobody reads.
#[cfg(test)]
pub(crate) mod read_names {
    use super::Arg;
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    thread_local! {
        static READ: RefCell<BTreeSet<(usize, String)>> = RefCell::default();
    }
    pub fn note(spec: &'static [Arg], name: &str) {
        READ.with_borrow_mut(|r| r.insert((spec.as_ptr() as usize, name.to_owned())));
    }
    pub fn was(spec: &'static [Arg], name: &str) -> bool {
        READ.with_borrow(|r| r.contains(&(spec.as_ptr() as usize, name.to_owned())))
    }
}
