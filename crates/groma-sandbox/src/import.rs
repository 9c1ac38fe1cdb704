//! Which object an import means.

use groma_value::Value;

/// Whether an object is the one that an import's text names: by id, ARN, name, or the parts of what it
/// connects, joined as the provider has it.
pub(crate) fn is_meant(_ty: &str, object: &Value, text: &str) -> bool {
    const NAMES: [&str; 6] = ["id", "arn", "name", "identifier", "bucket", "url"];
    let part = |name: &str| object.get_attr(name).and_then(|v| v.as_str().map(str::to_owned));
    if NAMES.iter().any(|n| part(n).is_some_and(|p| p == text)) {
        return true;
    }
    // Joined parts, such as `subnet-1/rtb-1` or `role/arn:aws:iam::aws:policy/x`.
    let Some(fields) = object.as_fields() else { return false };
    let values: Vec<&str> = fields.values().filter_map(Value::as_str).filter(|v| !v.is_empty()).collect();
    ['/', '|', '_', ':', ','].iter().any(|separator| {
        let mut cuts = text.match_indices(*separator);
        cuts.any(|(i, _)| {
            let (a, b) = (&text[..i], &text[i + 1..]);
            values.contains(&a) && values.contains(&b)
        })
    })
}
