//! What the provider works out while planning, type by type.

use groma_value::{Type, Value};

/// The names of a certificate: its domain is one of its alternative names, and which names will have to
/// be validated is known, so that records can be made for each.
pub(super) fn names_of_certificate(ty: &str, planned: Value, prior: Option<&Value>) -> Value {
    let domain = planned.get_attr("domain_name");
    let (true, Some(domain), Value::Object(fields)) =
        (ty == "aws_acm_certificate", domain.filter(|d| !d.is_null()), &planned)
    else {
        return planned;
    };
    let mut fields = (**fields).clone();
    let given = fields.get("subject_alternative_names").cloned();
    let before = prior.and_then(|p| p.get_attr("subject_alternative_names"));
    let names = match given {
        Some(Value::Set(e)) => {
            let mut names = e.items.clone();
            names.push(domain.clone());
            Value::set(Type::String, names)
        }
        Some(Value::Unknown(..)) if prior.is_none() && domain.is_known() => {
            Value::set(Type::String, vec![domain.clone()])
        }
        other => other.or(before.clone()).unwrap_or_else(|| Value::unknown(Type::set(Type::String))),
    };
    let same = before.as_ref() == Some(&names) && prior.is_some();
    if names.is_wholly_known() && !same && domain.is_known() {
        let dns = fields.get("validation_method").and_then(Value::as_str) == Some("DNS");
        let options = prior.and_then(|p| p.get_attr("domain_validation_options"));
        let old = options.as_ref().and_then(Value::as_elements).unwrap_or_default();
        let option = |name: &Value| {
            if let Some(old) = old.iter().find(|o| o.get_attr("domain_name").as_ref() == Some(name)) {
                return old.clone();
            }
            Value::object([
                ("domain_name", name.clone()),
                ("resource_record_name", Value::unknown(Type::String)),
                ("resource_record_type", Value::unknown(Type::String)),
                ("resource_record_value", Value::unknown(Type::String)),
            ])
        };
        if dns && let Some(ty) = fields.get("domain_validation_options").map(Value::ty) {
            let element = ty.element().cloned().unwrap_or(Type::Dynamic);
            let options = names.as_elements().unwrap_or_default().iter().map(option).collect();
            fields.insert("domain_validation_options", Value::set(element, options));
        }
    }
    fields.insert("subject_alternative_names", names);
    Value::object(fields)
}
