//! Values and their changes, line by line.

use super::{Paint, Sign};
use groma_value::schema::{Block, NestedBlock, Nesting};
use groma_value::{Fields, Path, PathStep, Type, Value};

/// Renders changes of one object.
pub struct Renderer<'a> {
    /// Colours.
    pub paint: Paint,
    /// Where a change forces a replacement.
    pub forces: &'a [Path],
    /// Whether unchanged attributes are shown too (objects that are only shown).
    pub all: bool,
}

/// Text behind values that are not known yet.
const UNKNOWN: &str = "(known after apply)";
const SENSITIVE: &str = "(sensitive value)";
/// Attributes that tell which object this is: shown even when unchanged.
const IDENTIFYING: [&str; 3] = ["id", "name", "tags"];

fn sensitive(v: &Value) -> bool {
    v.marks().is_sensitive()
}

/// Same content, marks aside.
fn same(a: &Value, b: &Value) -> bool {
    a == b || a.unmark_deep().0 == b.unmark_deep().0 && a.is_wholly_known()
}

fn sign(before: &Value, after: &Value) -> Sign {
    match (before.is_null(), after.is_null() && after.is_known()) {
        _ if same(before, after) => Sign::Same,
        (true, false) => Sign::Add,
        (false, true) => Sign::Remove,
        _ => Sign::Change,
    }
}

/// A string as it is written in the language.
pub fn quote(s: &str) -> String {
    groma_value::addr::quote(s)
}

impl Renderer<'_> {
    /// The content of a block: attributes, then nested blocks. `indent` is the column
    /// of the signs.
    pub fn block(
        &self,
        out: &mut String,
        schema: &Block,
        before: &Value,
        after: &Value,
        path: &Path,
        indent: usize,
    ) {
        let get = |v: &Value, n: &str| v.peel().as_fields().and_then(|f| f.get(n).cloned());
        let mut rows: Vec<(&str, Value, Value, Sign)> = Vec::new();
        let mut hidden = 0;
        for (name, a) in &schema.attributes {
            let null = Value::null(a.ty.clone());
            let b = get(before, name).unwrap_or_else(|| null.clone());
            let v = get(after, name).unwrap_or(null);
            if b.is_null() && v.is_null() {
                continue;
            }
            let s = sign(&b, &v);
            if s == Sign::Same && !self.all && !(IDENTIFYING.contains(&&**name) && path.is_empty()) {
                hidden += 1;
                continue;
            }
            rows.push((name, b, v, s));
        }
        let width = rows.iter().map(|r| r.0.len()).max().unwrap_or(0);
        for (name, b, v, s) in rows {
            let p = path.attr(name);
            out.push_str(&format!("{:indent$}{} {name:width$} = ", "", self.paint.sign(s)));
            self.value(out, &b, &v, s, &p, indent);
            out.push('\n');
        }
        self.hidden(out, hidden, "attribute", indent);
        let mut hidden = 0;
        for (name, nested) in &schema.blocks {
            hidden += self.nested(
                out,
                name,
                nested,
                get(before, name),
                get(after, name),
                &path.attr(name.clone()),
                indent,
            );
        }
        self.hidden(out, hidden, "block", indent);
    }

    fn hidden(&self, out: &mut String, n: usize, what: &str, indent: usize) {
        if n > 0 {
            let plural = if n == 1 { "" } else { "s" };
            let text = format!("# ({n} unchanged {what}{plural} hidden)");
            out.push_str(&format!("{:indent$}  {}\n", "", self.paint.dim(&text)));
        }
    }

    /// The blocks of one type. How many unchanged ones were left out.
    #[allow(clippy::too_many_arguments, reason = "before and after of one thing, and where it is")]
    fn nested(
        &self,
        out: &mut String,
        name: &str,
        nested: &NestedBlock,
        before: Option<Value>,
        after: Option<Value>,
        path: &Path,
        indent: usize,
    ) -> usize {
        let null = Value::null(nested.block.implied_type().clone());
        let before = before.unwrap_or_else(|| null.clone());
        let after = after.unwrap_or_else(|| null.clone());
        if sensitive(&before) || sensitive(&after) {
            if same(&before, &after) {
                return 1;
            }
            let s = self.paint.sign(sign(&before, &after));
            let note = self.paint.dim("# At least one attribute in this block is (or was) sensitive,\n");
            let pad = " ".repeat(indent + 6);
            out.push_str(&format!(
                "\n{:indent$}{s} {name} {{\n{pad}{note}{pad}{}\n{:indent$}  }}\n",
                "",
                self.paint.dim("# so its contents will not be displayed."),
                ""
            ));
            return 0;
        }
        let mut hidden = 0;
        match nested.nesting {
            Nesting::Single | Nesting::Group => {
                if before.is_null() && after.is_null() {
                    return 0;
                }
                hidden += self.one_block(out, name, None, &nested.block, &before, &after, path, indent);
            }
            Nesting::List => {
                if !after.is_known() {
                    self.unknown_blocks(out, name, indent);
                    return 0;
                }
                let b = before.as_elements().unwrap_or_default();
                let a = after.as_elements().unwrap_or_default();
                for i in 0..b.len().max(a.len()) {
                    let p = path.index(Value::int(i as i64));
                    let (x, y) = (b.get(i).unwrap_or(&null), a.get(i).unwrap_or(&null));
                    hidden += self.one_block(out, name, None, &nested.block, x, y, &p, indent);
                }
            }
            Nesting::Set => {
                if !after.is_known() {
                    self.unknown_blocks(out, name, indent);
                    return 0;
                }
                let b = before.as_elements().unwrap_or_default();
                let a = after.as_elements().unwrap_or_default();
                for x in b.iter().filter(|x| !a.iter().any(|y| same(x, y))) {
                    let p = path.index(x.clone());
                    self.one_block(out, name, None, &nested.block, x, &null, &p, indent);
                }
                for y in a {
                    let p = path.index(y.clone());
                    let x = b.iter().find(|x| same(x, y)).unwrap_or(&null);
                    hidden += self.one_block(out, name, None, &nested.block, x, y, &p, indent);
                }
            }
            Nesting::Map => {
                let empty = Fields::new();
                let b = before.as_fields().unwrap_or(&empty);
                let a = after.as_fields().unwrap_or(&empty);
                let mut keys: Vec<_> = b.names().chain(a.names()).cloned().collect();
                keys.sort();
                keys.dedup();
                for k in keys {
                    let p = path.index(Value::String(k.clone()));
                    let (x, y) = (b.get(&k).unwrap_or(&null), a.get(&k).unwrap_or(&null));
                    hidden += self.one_block(out, name, Some(&k), &nested.block, x, y, &p, indent);
                }
            }
        }
        hidden
    }

    fn unknown_blocks(&self, out: &mut String, name: &str, indent: usize) {
        out.push_str(&format!("\n{:indent$}{} {name} {UNKNOWN}\n", "", self.paint.sign(Sign::Add)));
    }

    /// One block. 1 if it was left out, being unchanged.
    #[allow(clippy::too_many_arguments, reason = "before and after of one thing, and where it is")]
    fn one_block(
        &self,
        out: &mut String,
        name: &str,
        label: Option<&str>,
        schema: &Block,
        before: &Value,
        after: &Value,
        path: &Path,
        indent: usize,
    ) -> usize {
        let s = sign(before, after);
        if s == Sign::Same && !self.all {
            return 1;
        }
        let label = label.map(|l| format!(" {}", quote(l))).unwrap_or_default();
        out.push_str(&format!(
            "\n{:indent$}{} {name}{label} {{{}\n",
            "",
            self.paint.sign(s),
            self.forces(path)
        ));
        self.block(out, schema, before, after, path, indent + 4);
        out.push_str(&format!("{:indent$}  }}\n", ""));
        0
    }

    /// A change outside of a block: of an output.
    pub fn change(&self, out: &mut String, before: &Value, after: &Value, s: Sign, indent: usize) {
        self.value(out, before, after, s, &Path::new(), indent);
    }

    fn forces(&self, path: &Path) -> String {
        if self.forces.iter().any(|p| p == path) {
            format!(" {}", self.paint.code("31", "# forces replacement"))
        } else {
            String::new()
        }
    }

    /// What stands right of `=`.
    fn value(&self, out: &mut String, before: &Value, after: &Value, s: Sign, path: &Path, indent: usize) {
        let arrow = self.paint.code("33", "->");
        if sensitive(before) || sensitive(after) {
            out.push_str(SENSITIVE);
            if s == Sign::Change && same(before, after) {
                out.push_str(&format!(" {}", self.paint.dim("# (only its sensitivity changes)")));
            }
            out.push_str(&self.forces(path));
            return;
        }
        match s {
            Sign::Same | Sign::Read => self.plain(out, after, s, indent),
            Sign::Add => self.plain(out, after, s, indent),
            Sign::Remove => {
                self.plain(out, before, s, indent);
                out.push_str(&format!(" {arrow} {}", self.paint.dim("null")));
            }
            Sign::Change if !after.is_known() => {
                self.plain(out, before, Sign::Remove, indent);
                out.push_str(&format!(" {arrow} {UNKNOWN}"));
            }
            Sign::Change => {
                if self.collection(out, before, after, path, indent) || self.text(out, before, after, indent)
                {
                    return;
                }
                self.plain(out, before, Sign::Remove, indent);
                out.push_str(&format!(" {arrow} "));
                self.plain(out, after, Sign::Add, indent);
            }
        }
        out.push_str(&self.forces(path));
    }

    /// Changes within a collection, if both are of the same kind.
    fn collection(
        &self,
        out: &mut String,
        before: &Value,
        after: &Value,
        path: &Path,
        indent: usize,
    ) -> bool {
        match (before.peel(), after.peel()) {
            (Value::Map(_) | Value::Object(_), Value::Map(_) | Value::Object(_)) => {
                let empty = Fields::new();
                let b = before.as_fields().unwrap_or(&empty);
                let a = after.as_fields().unwrap_or(&empty);
                let is_object = matches!(after.peel(), Value::Object(_));
                let mut keys: Vec<_> = b.names().chain(a.names()).cloned().collect();
                keys.sort();
                keys.dedup();
                let shown = |k: &str| if is_object { k.to_owned() } else { quote(k) };
                let width = keys.iter().map(|k| shown(k).len()).max().unwrap_or(0);
                out.push('{');
                out.push_str(&self.forces(path));
                out.push('\n');
                let mut hidden = 0;
                for k in keys {
                    let null = Value::null(Type::Dynamic);
                    let (x, y) = (b.get(&k).unwrap_or(&null), a.get(&k).unwrap_or(&null));
                    if x.is_null() && y.is_null() {
                        continue;
                    }
                    let s = sign(x, y);
                    if s == Sign::Same && !self.all {
                        hidden += 1;
                        continue;
                    }
                    let p =
                        if is_object { path.attr(k.clone()) } else { path.index(Value::String(k.clone())) };
                    let i = indent + 4;
                    out.push_str(&format!("{:i$}{} {:width$} = ", "", self.paint.sign(s), shown(&k)));
                    self.value(out, x, y, s, &p, i);
                    out.push('\n');
                }
                self.hidden(out, hidden, if is_object { "attribute" } else { "element" }, indent + 4);
                out.push_str(&format!("{:indent$}  }}", ""));
                true
            }
            (Value::List(_) | Value::Tuple(_), Value::List(_) | Value::Tuple(_)) => {
                let b = before.as_elements().unwrap_or_default();
                let a = after.as_elements().unwrap_or_default();
                self.elements(out, align(b, a), path, indent);
                true
            }
            (Value::Set(x), Value::Set(y)) => {
                let gone = x.items.iter().filter(|v| !y.items.iter().any(|w| same(v, w)));
                let mut rows: Vec<(Option<&Value>, Option<&Value>)> = gone.map(|v| (Some(v), None)).collect();
                rows.extend(y.items.iter().map(|w| (x.items.iter().find(|v| same(v, w)), Some(w))));
                self.elements(out, rows, path, indent);
                true
            }
            _ => false,
        }
    }

    fn elements(
        &self,
        out: &mut String,
        rows: Vec<(Option<&Value>, Option<&Value>)>,
        path: &Path,
        indent: usize,
    ) {
        out.push('[');
        out.push_str(&self.forces(path));
        out.push('\n');
        let null = Value::null(Type::Dynamic);
        let mut hidden = 0;
        let mut index = 0;
        for (x, y) in rows {
            let p = path.index(Value::int(index));
            index += i64::from(y.is_some());
            let (s, b, a) = match (x, y) {
                (Some(b), Some(a)) => (sign(b, a), b, a),
                (Some(b), None) => (Sign::Remove, b, &null),
                (None, Some(a)) => (Sign::Add, &null, a),
                (None, None) => continue,
            };
            if s == Sign::Same && !self.all {
                hidden += 1;
                continue;
            }
            let i = indent + 4;
            out.push_str(&format!("{:i$}{} ", "", self.paint.sign(s)));
            match s {
                // An element that goes away is not set to null.
                Sign::Remove if !sensitive(b) => self.plain(out, b, s, i),
                _ => self.value(out, b, a, s, &p, i),
            }
            out.push_str(",\n");
        }
        self.hidden(out, hidden, "element", indent + 4);
        out.push_str(&format!("{:indent$}  ]", ""));
    }

    /// Changes within texts: JSON as structure, several lines line by line.
    fn text(&self, out: &mut String, before: &Value, after: &Value, indent: usize) -> bool {
        let (Some(b), Some(a)) = (before.as_str(), after.as_str()) else { return false };
        if let (Some(x), Some(y)) = (json(b), json(a)) {
            out.push_str("jsonencode(\n");
            let i = indent + 4;
            out.push_str(&format!("{:i$}{} ", "", self.paint.sign(Sign::Change)));
            if x == y || !self.collection(out, &x, &y, &Path(vec![PathStep::Attr("".into())]), i) {
                out.push_str(&format!("{} {}", quote(b), self.paint.dim("# whitespace changes")));
            }
            out.push_str(&format!("\n{:indent$}  )", ""));
            return true;
        }
        if !a.contains('\n') && !b.contains('\n') {
            return false;
        }
        let (x, y): (Vec<&str>, Vec<&str>) = (b.lines().collect(), a.lines().collect());
        out.push_str("<<-EOT\n");
        let i = indent + 4;
        for d in similar::capture_diff_slices(similar::Algorithm::Myers, &x, &y) {
            for c in d.iter_changes(&x, &y) {
                let s = match c.tag() {
                    similar::ChangeTag::Equal => Sign::Same,
                    similar::ChangeTag::Insert => Sign::Add,
                    similar::ChangeTag::Delete => Sign::Remove,
                };
                out.push_str(&format!("{:i$}{} {}\n", "", self.paint.sign(s), c.value()));
            }
        }
        out.push_str(&format!("{:indent$}  EOT", ""));
        true
    }

    /// A value in full, each line of a collection with the sign.
    pub fn plain(&self, out: &mut String, v: &Value, s: Sign, indent: usize) {
        if sensitive(v) {
            out.push_str(SENSITIVE);
            return;
        }
        let i = indent + 4;
        let mark = self.paint.sign(if s == Sign::Read { Sign::Add } else { s });
        match v.peel() {
            Value::Null(_) => out.push_str(&self.paint.dim("null")),
            Value::Unknown(..) => out.push_str(UNKNOWN),
            Value::Bool(b) => out.push_str(&b.to_string()),
            Value::Number(n) => out.push_str(&n.to_string()),
            Value::String(text) => {
                if let Some(j) = json(text) {
                    out.push_str(&format!("jsonencode(\n{:i$}{mark} ", ""));
                    self.plain(out, &j, s, i);
                    out.push_str(&format!("\n{:indent$}  )", ""));
                } else if text.contains('\n') {
                    out.push_str("<<-EOT\n");
                    for l in text.lines() {
                        out.push_str(&format!("{:i$}  {l}\n", ""));
                    }
                    out.push_str(&format!("{:indent$}  EOT", ""));
                } else {
                    out.push_str(&quote(text));
                }
            }
            Value::List(_) | Value::Set(_) | Value::Tuple(_) => {
                let items = v.as_elements().unwrap_or_default();
                if items.is_empty() {
                    out.push_str("[]");
                    return;
                }
                out.push_str("[\n");
                for x in items {
                    out.push_str(&format!("{:i$}{mark} ", ""));
                    self.plain(out, x, s, i);
                    out.push_str(",\n");
                }
                out.push_str(&format!("{:indent$}  ]", ""));
            }
            Value::Map(_) | Value::Object(_) => {
                let is_object = matches!(v.peel(), Value::Object(_));
                let fields: Vec<_> = v.as_fields().into_iter().flat_map(Fields::iter).collect();
                if fields.is_empty() {
                    out.push_str("{}");
                    return;
                }
                let shown = |k: &str| if is_object && plain_key(k) { k.to_owned() } else { quote(k) };
                let width = fields.iter().map(|(k, _)| shown(k).len()).max().unwrap_or(0);
                out.push_str("{\n");
                for (k, x) in fields {
                    out.push_str(&format!("{:i$}{mark} {:width$} = ", "", shown(k)));
                    self.plain(out, x, s, i);
                    out.push('\n');
                }
                out.push_str(&format!("{:indent$}  }}", ""));
            }
            Value::Marked(_) => out.push_str(SENSITIVE),
        }
    }
}

fn plain_key(k: &str) -> bool {
    !k.is_empty()
        && k.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
        && !k.starts_with(|c: char| c.is_ascii_digit())
}

/// The value of a text that is a JSON object or array.
fn json(text: &str) -> Option<Value> {
    let t = text.trim_start();
    if !t.starts_with(['{', '[']) {
        return None;
    }
    let parsed: serde_json::Value = serde_json::from_str(text).ok()?;
    let ty = groma_value::json::implied_type(&parsed);
    groma_value::json::decode(text, &ty).ok()
}

/// Pairs the elements of two lists: equal ones with each other in order, and runs of
/// others by position.
fn align<'v>(before: &'v [Value], after: &'v [Value]) -> Vec<(Option<&'v Value>, Option<&'v Value>)> {
    let key = |v: &Value| format!("{v:?}");
    let (b, a): (Vec<String>, Vec<String>) =
        (before.iter().map(key).collect(), after.iter().map(key).collect());
    let mut rows = Vec::new();
    for op in similar::capture_diff_slices(similar::Algorithm::Myers, &b, &a) {
        let (old, new) = (op.old_range(), op.new_range());
        let n = old.len().max(new.len());
        // Objects that stand in for each other are shown as changes, plain values not.
        let pair = |x: &Value| matches!(x.peel(), Value::Object(_) | Value::Map(_));
        if op.tag() == similar::DiffTag::Replace
            && before[old.clone()].iter().chain(&after[new.clone()]).any(|v| !pair(v))
        {
            rows.extend(before[old].iter().map(|v| (Some(v), None)));
            rows.extend(after[new].iter().map(|v| (None, Some(v))));
            continue;
        }
        for i in 0..n {
            rows.push((before[old.clone()].get(i), after[new.clone()].get(i)));
        }
    }
    rows
}
