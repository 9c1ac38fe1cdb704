//! Strings. Characters are grapheme clusters, where characters are counted.

use super::build::*;
use super::{Function, Parameter};
use groma_value::{Number, Refinement, Type, Value, ops};
use unicode_segmentation::UnicodeSegmentation;

fn str_param() -> Parameter {
    param("str", Type::String, "The text.")
}

/// A function from a text to a text.
fn map(name: &str, description: &str, p: Parameter, f: fn(&str) -> String) -> Function {
    function(name, description, [p], Type::String, move |a| Ok(Value::string(f(text(&a[0])))))
}

pub(super) fn functions() -> Vec<Function> {
    let strings = || Type::list(Type::String);
    vec![
        map("lower", "The text in lower case.", str_param().dynamic(), |s| s.chars().map(lower).collect()),
        map("upper", "The text in upper case.", str_param().dynamic(), |s| s.chars().map(upper).collect()),
        map("title", "The text with the first letter of each word in upper case.", str_param(), title),
        map("strrev", "The characters in reverse order.", str_param().dynamic(), |s| {
            s.graphemes(true).rev().collect()
        }),
        map("chomp", "The text without line breaks at its end.", str_param(), |s| {
            s.trim_end_matches(['\r', '\n']).to_owned()
        }),
        map("trimspace", "The text without white space at both ends.", str_param(), |s| s.trim().to_owned()),
        function(
            "trim",
            "The text without certain characters at both ends.",
            [str_param(), param("cutset", Type::String, "The characters to remove, in any order.")],
            Type::String,
            |a| {
                let cut = text(&a[1]);
                Ok(Value::string(text(&a[0]).trim_matches(|c| cut.contains(c))))
            },
        ),
        function(
            "trimprefix",
            "The text without a beginning, if it has it.",
            [str_param(), param("prefix", Type::String, "The beginning to remove.")],
            Type::String,
            |a| Ok(Value::string(text(&a[0]).strip_prefix(text(&a[1])).unwrap_or(text(&a[0])))),
        ),
        function(
            "trimsuffix",
            "The text without an end, if it has it.",
            [str_param(), param("suffix", Type::String, "The end to remove.")],
            Type::String,
            |a| Ok(Value::string(text(&a[0]).strip_suffix(text(&a[1])).unwrap_or(text(&a[0])))),
        ),
        function(
            "startswith",
            "Whether a text begins with another.",
            [str_param().unknown(), param("prefix", Type::String, "The beginning.")],
            Type::Bool,
            starts_with,
        ),
        function(
            "endswith",
            "Whether a text ends with another.",
            [str_param(), param("suffix", Type::String, "The end.")],
            Type::Bool,
            |a| Ok(Value::bool(text(&a[0]).ends_with(text(&a[1])))),
        ),
        function(
            "strcontains",
            "Whether a text contains another.",
            [str_param(), param("substr", Type::String, "What to look for.")],
            Type::Bool,
            |a| Ok(Value::bool(text(&a[0]).contains(text(&a[1])))),
        ),
        function(
            "split",
            "The parts of a text between separators.",
            [param("separator", Type::String, "What separates the parts."), str_param()],
            strings(),
            |a| Ok(Value::list(Type::String, split(text(&a[1]), text(&a[0])))),
        ),
        function(
            "join",
            "The elements of lists of strings in one text.",
            [param("separator", Type::String, "What to put between the elements.")],
            Type::String,
            join,
        )
        .variadic(param("lists", strings(), "The lists.")),
        function(
            "substr",
            "A part of a text.",
            [
                str_param().dynamic(),
                param("offset", Type::Number, "Where it begins, in characters; from the end if negative.")
                    .dynamic(),
                param("length", Type::Number, "How many characters it has; -1 for all.").dynamic(),
            ],
            Type::String,
            substr,
        ),
        function(
            "indent",
            "The text with spaces at the beginning of each line but the first.",
            [param("spaces", Type::Number, "How many spaces."), str_param()],
            Type::String,
            |a| {
                let Ok(spaces) = usize::try_from(int(&a[0])?) else {
                    return fail_arg(0, "the number of spaces must not be negative");
                };
                Ok(Value::string(text(&a[1]).replace('\n', &format!("\n{}", " ".repeat(spaces)))))
            },
        ),
        function(
            "length",
            "The number of elements of a collection, of attributes of an object, of characters of a text.",
            [param("value", Type::Dynamic, "The collection or text.").dynamic().unknown().marked()],
            Type::Number,
            length,
        )
        .typed(|a| check_has_length(&a[0]).map(|()| Type::Number)),
    ]
    .into_iter()
    .map(|mut f| {
        if &*f.name == "strcontains" {
            f.never_null = false;
        }
        f
    })
    .collect()
}

/// Upper case by Unicode's simple mapping, one character for one: `ß` stays.
pub(super) fn upper(c: char) -> char {
    let mut all = c.to_uppercase();
    match (all.len(), c) {
        (1, _) => all.next().unwrap_or(c),
        // Greek letters with iota subscript have a single upper case form, which
        // is their title case.
        (_, '\u{1f80}'..='\u{1faf}') => char::from_u32(c as u32 | 8).unwrap_or(c),
        (_, '\u{1fb3}') => '\u{1fbc}',
        (_, '\u{1fc3}') => '\u{1fcc}',
        (_, '\u{1ff3}') => '\u{1ffc}',
        _ => c,
    }
}

/// Lower case by Unicode's simple mapping.
pub(super) fn lower(c: char) -> char {
    let mut all = c.to_lowercase();
    match (all.len(), c) {
        (1, _) => all.next().unwrap_or(c),
        (_, 'İ') => 'i',
        _ => c,
    }
}

fn title_case(c: char) -> char {
    match c {
        'Ǆ'..='ǆ' => 'ǅ',
        'Ǉ'..='ǉ' => 'ǈ',
        'Ǌ'..='ǌ' => 'ǋ',
        'Ǳ'..='ǳ' => 'ǲ',
        // Georgian has no title case.
        '\u{10d0}'..='\u{10ff}' => c,
        c => upper(c),
    }
}

fn title(s: &str) -> String {
    let mut at_start = true;
    s.chars()
        .map(|c| {
            let out = if at_start { title_case(c) } else { c };
            at_start = if c.is_ascii() { !c.is_ascii_alphanumeric() && c != '_' } else { c.is_whitespace() };
            out
        })
        .collect()
}

/// An empty separator separates characters (code points), and an empty text has none.
fn split(s: &str, separator: &str) -> Vec<Value> {
    if separator.is_empty() {
        s.chars().map(|c| Value::string(c.encode_utf8(&mut [0; 4]))).collect()
    } else {
        s.split(separator).map(Value::string).collect()
    }
}

fn starts_with(args: &[Value]) -> Res<Value> {
    let prefix = text(&args[1]);
    if let Some(s) = args[0].as_str() {
        return Ok(Value::bool(s.starts_with(prefix)));
    }
    let known = args[0].refinement().map_or("", |r| r.prefix.as_str());
    Ok(if known.starts_with(prefix) {
        Value::bool(true)
    } else if !known.is_empty() && known.len() >= prefix.len() {
        Value::bool(false)
    } else {
        Value::unknown(Type::Bool)
    })
}

fn join(args: &[Value]) -> Res<Value> {
    let lists = &args[1..];
    if lists.is_empty() {
        return fail("at least one list is required");
    }
    if !lists.iter().all(Value::is_wholly_known) {
        return Ok(Value::unknown(Type::String));
    }
    let mut items = Vec::new();
    for (i, list) in lists.iter().enumerate() {
        for (j, v) in list.as_elements().unwrap_or_default().iter().enumerate() {
            match v.as_str() {
                Some(s) => items.push(s),
                None if lists.len() > 1 => {
                    return fail_arg(
                        i + 1,
                        format!("element {j} of list {} is null; cannot concatenate null values", i + 1),
                    );
                }
                None => {
                    return fail_arg(i + 1, format!("element {j} is null; cannot concatenate null values"));
                }
            }
        }
    }
    Ok(Value::string(items.join(text(&args[0]))))
}

fn substr(args: &[Value]) -> Res<Value> {
    let s = text(&args[0]);
    let mut offset = int(&args[1])?;
    let length = int(&args[2])?;
    if offset < 0 {
        offset = offset.saturating_add(s.graphemes(true).count() as i64);
    } else if length == 0 {
        return Ok(Value::string(""));
    }
    let rest = match usize::try_from(offset) {
        Ok(n) if n > 0 => match s.grapheme_indices(true).nth(n) {
            Some((i, _)) => &s[i..],
            None => "",
        },
        _ => s,
    };
    // A negative offset with a length of zero takes everything: an oddity that
    // configurations may depend on.
    let end = match usize::try_from(length) {
        Ok(n) if n > 0 => rest.grapheme_indices(true).nth(n).map_or(rest.len(), |(i, _)| i),
        _ => rest.len(),
    };
    Ok(Value::string(&rest[..end]))
}

fn check_has_length(v: &Value) -> Res<()> {
    match v.ty() {
        Type::Bool | Type::Number => {
            fail("argument must be a string, a collection type, or a structural type")
        }
        _ => Ok(()),
    }
}

fn length(args: &[Value]) -> Res<Value> {
    check_has_length(&args[0])?;
    let (v, marks) = unmark(&args[0]);
    let n = match v {
        Value::Tuple(items) => Value::int(items.len() as i64),
        Value::Unknown(Type::Tuple(items), _) => Value::int(items.len() as i64),
        Value::Object(fields) => Value::int(fields.len() as i64),
        Value::Unknown(Type::Object(o), _) => Value::int(o.attrs.len() as i64),
        Value::String(s) => Value::int(s.graphemes(true).count() as i64),
        Value::Unknown(Type::String, r) => {
            let prefix = r.as_ref().map_or(0, |r| r.prefix.graphemes(true).count());
            let least = Number::from_i64(prefix as i64);
            Value::unknown_refined(Type::Number, Refinement::number_range(Some(least), None))
        }
        v => ops::length(v).unwrap_or_else(|| Value::unknown(Type::Number)),
    };
    Ok(n.with_marks(&marks))
}
