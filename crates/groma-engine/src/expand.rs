//! `count`, `for_each` and `enabled`.

use crate::scope::ModuleScope;
use crate::values::Expansion;
use groma_config::{ModuleCall, Resource};
use groma_lang::{Diagnostic, Diagnostics, Expr};
use groma_value::{Mark, Type, Value, convert};

/// What becomes of a `count` or `for_each` that is not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfUnknown {
    /// An error, as in Terraform.
    Refuse,
    /// [`Expansion::Unknown`].
    PutOff,
}

/// What says how many instances of a block there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repetition<'b> {
    pub count: Option<&'b Expr>,
    pub for_each: Option<&'b Expr>,
    pub enabled: Option<&'b Expr>,
}

impl<'b> From<&'b Resource> for Repetition<'b> {
    fn from(r: &'b Resource) -> Repetition<'b> {
        let enabled = r.lifecycle.enabled.as_ref();
        Repetition { count: r.count.as_ref(), for_each: r.for_each.as_ref(), enabled }
    }
}

impl<'b> From<&'b ModuleCall> for Repetition<'b> {
    fn from(c: &'b ModuleCall) -> Repetition<'b> {
        Repetition { count: c.count.as_ref(), for_each: c.for_each.as_ref(), enabled: c.enabled.as_ref() }
    }
}

impl<'b> Repetition<'b> {
    /// Of a `for_each` that is no part of a resource or call.
    pub fn for_each(e: &'b Expr) -> Repetition<'b> {
        Repetition { count: None, for_each: Some(e), enabled: None }
    }

    /// Whether there are instances with keys.
    pub fn is_keyed(&self) -> bool {
        self.count.is_some() || self.for_each.is_some()
    }
}

/// Evaluates `count`, `for_each` or `enabled`. `None` after an error, which is in `diags`.
pub(crate) fn expansion(
    block: Repetition<'_>,
    scope: &ModuleScope<'_>,
    unknown: IfUnknown,
    diags: &mut Diagnostics,
) -> Option<Expansion> {
    match block {
        Repetition { count: Some(e), .. } => count_of(e, scope, unknown, diags),
        Repetition { for_each: Some(e), .. } => for_each_of(e, scope, unknown, diags),
        Repetition { enabled: Some(e), .. } => enabled_of(e, scope, diags),
        _ => Some(Expansion::Single),
    }
}

/// `enabled` in `lifecycle`, as in OpenTofu: it must be known while planning.
fn enabled_of(e: &Expr, scope: &ModuleScope<'_>, diags: &mut Diagnostics) -> Option<Expansion> {
    let before = diags.len();
    let v = groma_lang::eval::evaluate(e, scope, diags);
    if diags.iter().skip(before).any(Diagnostic::is_error) {
        return None;
    }
    let why = if v.has_mark(&Mark::Sensitive) {
        "is sensitive, and whether the object exists would disclose it"
    } else if v.has_mark(&Mark::Ephemeral) {
        "is ephemeral, so it cannot decide what is kept between runs"
    } else if v.is_null() {
        "is null"
    } else {
        match convert(v.peel(), &Type::Bool) {
            Ok(Value::Bool(true)) => return Some(Expansion::Single),
            Ok(Value::Bool(false)) => return Some(Expansion::Disabled),
            Ok(_) => {
                "depends on what is known only after an apply, so it cannot be predicted whether there is an object; use count for that"
            }
            Err(_) => "is no boolean",
        }
    };
    let detail =
        format!("The \"enabled\" value {why}. Either true or false is required, known while planning.");
    diags.push(Diagnostic::error("Invalid enabled argument", detail).at(e.span));
    None
}

fn count_of(
    e: &Expr,
    scope: &ModuleScope<'_>,
    unknown: IfUnknown,
    diags: &mut Diagnostics,
) -> Option<Expansion> {
    let before = diags.len();
    let v = groma_lang::eval::evaluate(e, scope, diags);
    if diags.iter().skip(before).any(Diagnostic::is_error) {
        return None;
    }
    let mut bad = |detail: String| {
        diags.push(Diagnostic::error("Invalid count argument", detail).at(e.span));
        None
    };
    if v.has_mark(&Mark::Ephemeral) {
        return bad(
            "The \"count\" value is ephemeral, so it cannot decide which instances are kept between runs."
                .into(),
        );
    }
    let (v, _) = v.unmark();
    if v.is_null() {
        return bad("The given \"count\" value is null. A whole number is required.".into());
    }
    let v = match convert(&v, &Type::Number) {
        Ok(v) => v,
        Err(err) => return bad(format!("The given \"count\" value is unsuitable: {err}.")),
    };
    match &v {
        Value::Unknown(..) if unknown == IfUnknown::PutOff => Some(Expansion::Unknown),
        Value::Unknown(..) => bad(
            "The \"count\" value depends on resource attributes that cannot be determined until apply, so it cannot be predicted how many instances will be created. To work around this, use the -target argument to first apply only the resources that the count depends on.".into(),
        ),
        Value::Number(n) if n.signum() < 0 => {
            bad(format!("The given \"count\" value is unsuitable: must be greater than or equal to zero, not {n}."))
        }
        Value::Number(n) => match n.as_i64() {
            Some(i) if i <= i64::from(u32::MAX) => Some(Expansion::Count(i as u64)),
            _ => bad(format!("The given \"count\" value is unsuitable: a whole number is required, not {n}.")),
        },
        _ => bad("The given \"count\" value is unsuitable: a number is required.".into()),
    }
}

fn for_each_of(
    e: &Expr,
    scope: &ModuleScope<'_>,
    unknown: IfUnknown,
    diags: &mut Diagnostics,
) -> Option<Expansion> {
    let before = diags.len();
    let v = groma_lang::eval::evaluate(e, scope, diags);
    if diags.iter().skip(before).any(Diagnostic::is_error) {
        return None;
    }
    let mut bad = |detail: String| {
        diags.push(Diagnostic::error("Invalid for_each argument", detail).at(e.span));
        None
    };
    if v.has_mark(&Mark::Sensitive) {
        return bad("Sensitive values, or values derived from sensitive values, cannot be used as \"for_each\" arguments: they would be disclosed by the keys of the instances. If the keys are not really secret, use nonsensitive(), or a map whose values alone are sensitive.".into());
    }
    if v.has_mark(&Mark::Ephemeral) {
        return bad(
            "The \"for_each\" value is ephemeral, so it cannot decide which instances are kept between runs."
                .into(),
        );
    }
    let (v, _) = v.unmark();
    if v.is_null() {
        return bad("The given \"for_each\" value is null. A map, or set of strings is required.".into());
    }
    let keys_unknown = "so the full set of keys that will identify the instances cannot be determined. When working with unknown values in \"for_each\", it is better to define the map keys statically in the configuration and to have only the values depend on what is decided by apply. Or use the -target argument to first apply only the resources that the \"for_each\" value depends on.";
    let put_off = unknown == IfUnknown::PutOff;
    match &v {
        // What would be refused once it is known is refused now.
        Value::Unknown(Type::Set(ty), _) if put_off && !matches!(**ty, Type::String | Type::Dynamic) => {
            bad(set_of(ty))
        }
        Value::Unknown(Type::Map(_) | Type::Object(_) | Type::Set(_) | Type::Dynamic, _) if put_off => {
            Some(Expansion::Unknown)
        }
        Value::Unknown(Type::Map(_) | Type::Object(_) | Type::Dynamic, _) => bad(format!(
            "The \"for_each\" map includes keys derived from resource attributes that cannot be determined until apply, {keys_unknown}"
        )),
        Value::Unknown(Type::Set(_), _) => bad(format!(
            "The \"for_each\" set includes values derived from resource attributes that cannot be determined until apply, {keys_unknown}"
        )),
        Value::Map(m) => Some(Expansion::ForEach(m.items.clone().into_iter().collect())),
        Value::Object(f) => Some(Expansion::ForEach((**f).clone().into_iter().collect())),
        Value::Set(s) => {
            if s.items.is_empty() {
                return Some(Expansion::ForEach(Vec::new()));
            }
            if s.ty != Type::String {
                return bad(set_of(&s.ty));
            }
            if put_off && s.items.iter().any(|x| !x.is_known()) {
                return Some(Expansion::Unknown);
            }
            let mut out = Vec::new();
            for x in &s.items {
                match x {
                    Value::String(k) => out.push((k.clone(), x.clone())),
                    Value::Unknown(..) => {
                        return bad(format!(
                            "The \"for_each\" set includes values derived from resource attributes that cannot be determined until apply, {keys_unknown}"
                        ));
                    }
                    _ => return bad(
                        "The given \"for_each\" value is unsuitable: the set must not contain null values."
                            .into(),
                    ),
                }
            }
            Some(Expansion::ForEach(out))
        }
        other => bad(format!(
            "The given \"for_each\" value is unsuitable: it must be a map, or set of strings, and you have provided a value of type {}.{}",
            other.ty().friendly_name(),
            match other {
                Value::Tuple(_) | Value::List(_) =>
                    " A list of distinct strings can be turned into a set with toset().",
                _ => "",
            }
        )),
    }
}

fn set_of(ty: &Type) -> String {
    format!(
        "The given \"for_each\" value is unsuitable: maps and sets of strings are supported, but this is a set containing type {}. Convert the elements with tostring().",
        ty.friendly_name()
    )
}
