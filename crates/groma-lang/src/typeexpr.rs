//! Type constraints, as `type = object({ a = optional(string, "x") })` gives them.

use crate::ast::{Expr, ExprKind, Ident, ObjectItem};
use crate::diag::{Diagnostic, Diagnostics};
use crate::eval::{evaluate_constant, quote};
use crate::source::Span;
use groma_value::convert::Defaults;
use groma_value::{Name, Type, convert};
use std::collections::{BTreeMap, BTreeSet};

const INVALID: &str = "Invalid type specification";

/// Reads the type constraint of a variable, with the defaults of its optional
/// attributes. `any` is allowed, and so are the bare `list` and `map` of old.
/// After an error the type is `any`.
pub fn type_constraint(expr: &Expr, diags: &mut Diagnostics) -> (Type, Option<Defaults>) {
    if let Some(text) = quoted(expr) {
        diags.push(quoted_type(&text).at(expr.span));
        return (Type::Dynamic, None);
    }
    match keyword(expr).as_deref() {
        Some("list") => return (Type::list(Type::Dynamic), None),
        Some("map") => return (Type::map(Type::Dynamic), None),
        _ => {}
    }
    let mut reader = Reader { diags };
    reader.read(expr)
}

/// Terraform 0.11 had quotes around types.
fn quoted_type(text: &str) -> Diagnostic {
    let instead = match text {
        "string" => String::new(),
        "list" => {
            " and write list(string) instead to explicitly indicate that the list elements are strings".into()
        }
        "map" => {
            " and write map(string) instead to explicitly indicate that the map elements are strings".into()
        }
        _ => {
            return Diagnostic::error(
                "Invalid legacy variable type hint",
                "To provide a full type expression, remove the surrounding quotes and give the type expression directly.",
            );
        }
    };
    let detail = format!(
        "Terraform 0.11 and earlier required type constraints to be given in quotes, but that form is now deprecated and will be removed in a future version of Terraform. Remove the quotes around {}{instead}.",
        quote(text)
    );
    Diagnostic::error("Invalid quoted type constraints", detail)
}

/// The text of a literal in quotes. A bare name is a literal too where it is a
/// key, but then it is as long as its text.
fn quoted(expr: &Expr) -> Option<Name> {
    match &expr.kind {
        ExprKind::Literal(groma_value::Value::String(s)) if expr.span.len() != s.len() => Some(s.clone()),
        _ => None,
    }
}

/// A name that stands alone, the ones of literals included.
fn keyword(expr: &Expr) -> Option<Name> {
    use groma_value::Value;
    match &expr.kind {
        ExprKind::Variable(name) => Some(name.clone()),
        ExprKind::Literal(Value::Null(_)) => Some("null".into()),
        ExprKind::Literal(Value::Bool(b)) => Some(if *b { "true".into() } else { "false".into() }),
        ExprKind::Literal(Value::String(s)) if expr.span.len() == s.len() => Some(s.clone()),
        _ => None,
    }
}

/// What the argument of a constructor must be.
fn wants(constructor: &str) -> &'static str {
    match constructor {
        "object" => "the attribute types and values as a map",
        "tuple" => "the element types as a list",
        _ => "the element type",
    }
}

type Found = (Type, Option<Defaults>);

struct Reader<'d> {
    diags: &'d mut Diagnostics,
}

impl Reader<'_> {
    fn fail(&mut self, subject: Span, context: Option<Span>, detail: impl Into<String>) -> Found {
        let d = Diagnostic { context, ..Diagnostic::error(INVALID, detail).at(subject) };
        self.diags.push(d);
        (Type::Dynamic, None)
    }

    fn read(&mut self, expr: &Expr) -> Found {
        if let Some(word) = keyword(expr) {
            return self.keyword(&word, expr.span);
        }
        match &expr.kind {
            ExprKind::Call { name, args, parens, .. } => self.call(expr, name, args, *parens),
            _ => self.fail(
                expr.span,
                None,
                "A type specification is either a primitive type keyword (bool, number, string) or a complex type constructor call, like list(string).",
            ),
        }
    }

    fn keyword(&mut self, word: &str, span: Span) -> Found {
        let ty = match word {
            "bool" => Type::Bool,
            "string" => Type::String,
            "number" => Type::Number,
            "any" => Type::Dynamic,
            "list" | "set" | "map" | "object" | "tuple" => {
                let detail =
                    format!("The {word} type constructor requires one argument specifying {}.", wants(word));
                return self.fail(span, None, detail);
            }
            _ => {
                let detail = format!("The keyword {} is not a valid type specification.", quote(word));
                return self.fail(span, None, detail);
            }
        };
        (ty, None)
    }

    fn call(&mut self, expr: &Expr, name: &Ident, args: &[Expr], parens: Span) -> Found {
        let word = &*name.name;
        match word {
            "bool" | "string" | "number" => {
                let detail = format!("Primitive type keyword {} does not expect arguments.", quote(word));
                return self.fail(parens, None, detail);
            }
            "any" => {
                return self.fail(parens, None, "Type constraint keyword \"any\" does not expect arguments.");
            }
            "optional" => {
                let detail = "Keyword \"optional\" is valid only as a modifier for object type attributes.";
                return self.fail(name.span, None, detail);
            }
            "list" | "set" | "map" | "object" | "tuple" => {}
            _ => {
                let detail = format!("Keyword {} is not a valid type constructor.", quote(word));
                return self.fail(expr.span, None, detail);
            }
        }
        let [arg] = args else {
            let extra = match args {
                [_, second, ..] => args.last().map_or(second.span, |last| second.span.to(last.span)),
                _ => parens,
            };
            let detail =
                format!("The {word} type constructor requires one argument specifying {}.", wants(word));
            return self.fail(extra, Some(parens), detail);
        };
        match word {
            "object" => self.object(expr, arg),
            "tuple" => self.tuple(expr, arg),
            _ => {
                let (element, defaults) = self.read(arg);
                let ty = match word {
                    "list" => Type::list(element),
                    "set" => Type::set(element),
                    _ => Type::map(element),
                };
                let defaults = defaults.map(|d| Defaults {
                    ty: Some(ty.clone()),
                    default_values: BTreeMap::new(),
                    children: BTreeMap::from([(Name::from(""), d)]),
                });
                (ty, defaults)
            }
        }
    }

    fn tuple(&mut self, expr: &Expr, arg: &Expr) -> Found {
        let ExprKind::Tuple(items) = &arg.kind else {
            let detail = "Tuple type constructor requires a list of element types.";
            return self.fail(arg.span, Some(expr.span), detail);
        };
        let mut types = Vec::with_capacity(items.len());
        let mut children = BTreeMap::new();
        for (i, item) in items.iter().enumerate() {
            let (ty, defaults) = self.read(item);
            types.push(ty);
            children.extend(defaults.map(|d| (Name::from(i.to_string()), d)));
        }
        structured(Type::tuple(types), BTreeMap::new(), children)
    }

    fn object(&mut self, expr: &Expr, arg: &Expr) -> Found {
        let ExprKind::Object(items) = &arg.kind else {
            let detail = "Object type constructor requires a map whose keys are attribute names and whose values are the corresponding attribute types.";
            return self.fail(arg.span, Some(expr.span), detail);
        };
        let mut attrs: BTreeMap<Name, Type> = BTreeMap::new();
        let mut optional = BTreeSet::new();
        let mut default_values = BTreeMap::new();
        let mut children = BTreeMap::new();
        for item in items {
            let Some(name) = self.attribute_name(expr, item, &attrs) else { continue };
            let Some(attribute) = self.attribute(item) else { continue };
            if attribute.optional {
                optional.insert(name.clone());
            }
            default_values.extend(attribute.default.map(|v| (name.clone(), v)));
            children.extend(attribute.defaults.map(|d| (name.clone(), d)));
            attrs.insert(name, attribute.ty);
        }
        structured(Type::object_with_optional(attrs, optional), default_values, children)
    }

    fn attribute_name(
        &mut self,
        expr: &Expr,
        item: &ObjectItem,
        seen: &BTreeMap<Name, Type>,
    ) -> Option<Name> {
        let problem = match keyword(&item.key) {
            Some(name) if !seen.contains_key(&name) => return Some(name),
            Some(_) => "Object constructor map keys must be unique.",
            None => "Object constructor map keys must be attribute names.",
        };
        self.fail(item.key.span, Some(expr.span), problem);
        None
    }

    fn attribute(&mut self, item: &ObjectItem) -> Option<AttributeType> {
        let ExprKind::Call { name, args, parens, .. } = &item.value.kind else {
            return Some(self.plain(&item.value));
        };
        if &*name.name != "optional" {
            return Some(self.plain(&item.value));
        }
        let context = Some(item.value.span);
        let (ty, default) = match args.as_slice() {
            [] => {
                let detail = "Optional attribute modifier requires the attribute type as its argument.";
                self.fail(*parens, context, detail);
                return None;
            }
            [ty] => (ty, None),
            [ty, default] => (ty, Some(default)),
            [ty, ..] => {
                let detail = "Optional attribute modifier expects at most two arguments: the attribute type, and a default value.";
                self.fail(*parens, context, detail);
                (ty, None)
            }
        };
        let mut found = AttributeType { optional: true, ..self.plain(ty) };
        let Some(default) = default else { return Some(found) };
        let before = self.diags.len();
        let value = evaluate_constant(default, self.diags);
        if self.diags.iter().skip(before).any(Diagnostic::is_error) {
            return Some(found);
        }
        match convert(&value, &found.ty) {
            Ok(v) => found.default = Some(v),
            Err(e) => {
                let detail = format!(
                    "This default value is not compatible with the attribute's type constraint: {}.",
                    e.message
                );
                self.diags.error(default.span, "Invalid default value for optional attribute", detail);
            }
        }
        Some(found)
    }

    fn plain(&mut self, expr: &Expr) -> AttributeType {
        let (ty, defaults) = self.read(expr);
        AttributeType { ty, optional: false, default: None, defaults }
    }
}

/// The type of one attribute of an object.
struct AttributeType {
    ty: Type,
    optional: bool,
    /// What stands in when it is absent.
    default: Option<groma_value::Value>,
    /// Defaults within it.
    defaults: Option<Defaults>,
}

fn structured(
    ty: Type,
    default_values: BTreeMap<Name, groma_value::Value>,
    children: BTreeMap<Name, Defaults>,
) -> Found {
    let defaults = (!default_values.is_empty() || !children.is_empty()).then(|| Defaults {
        ty: Some(ty.clone()),
        default_values,
        children,
    });
    (ty, defaults)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use crate::syntax;
    use groma_value::Value;

    #[test]
    fn defaults_are_converted_and_stand_where_they_belong() {
        let sources = Sources::new();
        let text = "list(object({ a = string, b = optional(number, \"5\"), c = optional(object({ d = optional(bool, true) }), {}) }))";
        let file = sources.add("type", text);
        let mut diags = Diagnostics::new();
        let expr = syntax::parse_expr(&file, &mut diags).expect("an expression");
        let (ty, defaults) = type_constraint(&expr, &mut diags);
        assert!(diags.is_empty(), "{diags:?}");
        let given = Value::tuple(vec![Value::object([("a", Value::from("x"))])]);
        let filled = defaults.expect("defaults").apply(&given);
        let value = convert(&filled, &ty).expect("it fits");
        let Value::List(list) = &value else { panic!("a list") };
        assert_eq!(list.items[0].get_attr("b"), Some(Value::int(5)));
        assert_eq!(list.items[0].get_attr("c").and_then(|c| c.get_attr("d")), Some(Value::Bool(true)));
    }
}
