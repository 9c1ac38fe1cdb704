//! Output values, and diagnostics.

use super::value::{Obj, object, plain};
use groma_lang::Position;
use groma_lang::diag_render::{FunctionSignature, JsonDiagnostic, JsonRange, JsonSnippet};
use groma_state::OutputValue;
use groma_value::{Type, Value, json};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What `output -json` prints: for each output `sensitive`, `type` and `value`.
/// Sensitive values are included.
pub fn outputs_json(outputs: &BTreeMap<String, OutputValue>) -> Json {
    object(outputs.iter().map(|(name, o)| {
        let mut out = Obj::new();
        out.put("sensitive", o.sensitive)
            .put("type", type_json(&o.value, &o.ty))
            .put("value", plain(&o.value));
        (name, out.json())
    }))
}

/// The type of an output's value; `ty` may be `Dynamic` in a state written by hand.
pub(super) fn type_json(value: &Value, ty: &Type) -> Json {
    if *ty == Type::Dynamic { json::type_to_json(&value.ty()) } else { json::type_to_json(ty) }
}

/// A diagnostic as `validate -json` and the streamed messages have it.
pub fn diagnostic_json(d: &JsonDiagnostic) -> Json {
    let mut out = Obj::new();
    out.put("severity", d.severity).put("summary", &*d.summary).put("detail", &*d.detail);
    out.opt("address", d.address.as_deref());
    out.opt("range", d.range.as_ref().map(range));
    out.opt("snippet", d.snippet.as_ref().map(snippet));
    out.json()
}

fn range(r: &JsonRange) -> Json {
    let position = |p: &Position| {
        let mut out = Obj::new();
        out.put("line", p.line).put("column", p.column).put("byte", p.byte);
        out.json()
    };
    let mut out = Obj::new();
    out.put("filename", &*r.filename).put("start", position(&r.start)).put("end", position(&r.end));
    out.json()
}

fn snippet(s: &JsonSnippet) -> Json {
    let mut out = Obj::new();
    out.put("context", s.context.as_deref().map_or(Json::Null, Json::from));
    out.put("code", &*s.code).put("start_line", s.start_line);
    out.put("highlight_start_offset", s.highlight_start_offset);
    out.put("highlight_end_offset", s.highlight_end_offset);
    let values = s.values.iter().map(|v| {
        let mut out = Obj::new();
        out.put("traversal", &*v.expr).put("statement", &*v.statement);
        out.json()
    });
    out.put("values", values.collect::<Vec<_>>());
    if let Some(call) = &s.function_call {
        let mut f = Obj::new();
        f.put("called_as", &*call.called_as);
        let name = call.called_as.rsplit("::").next().unwrap_or_default();
        f.opt("signature", call.signature.as_ref().map(|s| signature(name, s)));
        out.put("function_call", f.json());
    }
    out.json()
}

fn signature(name: &str, s: &FunctionSignature) -> Json {
    // Types are in the JSON notation, of which simple names are written bare.
    let ty = |t: &str| serde_json::from_str(t).unwrap_or_else(|_| Json::String(t.to_owned()));
    let param = |(name, t): &(String, String)| {
        let mut out = Obj::new();
        out.put("name", &**name).put("type", ty(t));
        out.json()
    };
    let mut out = Obj::new();
    out.put("name", name).put("params", s.params.iter().map(param).collect::<Vec<_>>());
    out.opt("variadic_param", s.variadic.as_ref().map(param));
    out.put("return_type", ty(&s.return_type));
    out.json()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_have_type_and_value() {
        let list = Value::list(Type::Number, vec![Value::int(1)]);
        let outputs = BTreeMap::from([
            ("a".to_owned(), OutputValue { ty: list.ty(), value: list, sensitive: false }),
            ("b".to_owned(), OutputValue { ty: Type::Dynamic, value: "x".into(), sensitive: true }),
        ]);
        assert_eq!(
            outputs_json(&outputs).to_string(),
            r#"{"a":{"sensitive":false,"type":["list","number"],"value":[1]},"b":{"sensitive":true,"type":"string","value":"x"}}"#
        );
    }
}
