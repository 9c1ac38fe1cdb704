//! `yamlencode` and `yamldecode`.
//!
//! Decoding takes the parser's events to values by the rules of YAML 1.1's core
//! types as Terraform has them: `yes` and `on` are booleans, timestamps become
//! strings, a mapping is an object and a sequence a tuple.

use super::build::*;
use super::{Function, datetime, yaml_encode};
use groma_value::{Name, Number, Type, Value, convert, value::nfc};
use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};
use std::collections::HashMap;

/// Deeper nesting is refused rather than risking the stack.
const DEEPEST: usize = 500;

pub(super) fn functions() -> Vec<Function> {
    vec![
        function(
            "yamlencode",
            "A value as YAML.",
            [param("value", Type::Dynamic, "The value.").null().dynamic()],
            Type::String,
            |a| {
                if !a[0].is_wholly_known() {
                    return Ok(Value::unknown(Type::String));
                }
                yaml_encode::encode(&a[0]).map(Value::string)
            },
        )
        .nullable(),
        function(
            "yamldecode",
            "The value that a YAML document means.",
            [param("src", Type::String, "The document.")],
            Type::Dynamic,
            |a| decode(text(&a[0])),
        )
        .nullable(),
    ]
}

fn decode(source: &str) -> Res<Value> {
    let mut d =
        Decoder { source, parser: Parser::new_from_str(source), anchors: HashMap::new(), open: Vec::new() };
    d.document()
}

struct Decoder<'a> {
    source: &'a str,
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Value>,
    /// Anchors of which the value is not complete.
    open: Vec<usize>,
}

const PREFIX: &str = "tag:yaml.org,2002:";

fn tag_name(tag: Option<&Tag>) -> String {
    tag.map(|t| format!("{}{}", t.handle, t.suffix)).unwrap_or_default()
}

fn error_at<T>(at: &Span, what: impl std::fmt::Display) -> Res<T> {
    fail(format!("on line {}, column {}: {what}", at.start.line(), at.start.col() + 1))
}

impl<'a> Decoder<'a> {
    fn next(&mut self) -> Res<(Event<'a>, Span)> {
        match self.parser.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(e)) => {
                let at = Span::empty(*e.marker());
                // The name of an anchor is what the source has there.
                if e.info().contains("unknown anchor") {
                    let name = self.name_at(e.marker().index());
                    return error_at(&at, format!("reference to undefined anchor {}", quote(&name)));
                }
                error_at(&at, e.info())
            }
            None => fail("unexpected end of YAML"),
        }
    }
    /// The name of the alias at a character position.
    fn name_at(&self, index: usize) -> String {
        let rest = self.source.chars().skip(index).skip_while(|c| *c == '*');
        rest.take_while(|c| !c.is_whitespace() && !",[]{}".contains(*c)).collect()
    }
    fn document(&mut self) -> Res<Value> {
        self.next()?;
        let (event, at) = self.next()?;
        if !matches!(event, Event::DocumentStart(_)) {
            return error_at(&at, "missing start of document");
        }
        let (event, at) = self.next()?;
        let value = self.node(event, &at, 0)?;
        loop {
            match self.next()? {
                (Event::DocumentEnd, _) => {}
                (Event::StreamEnd, _) => return Ok(value),
                (_, at) => return error_at(&at, "unexpected extra content after value"),
            }
        }
    }
    fn node(&mut self, event: Event<'a>, at: &Span, depth: usize) -> Res<Value> {
        if depth > DEEPEST {
            return error_at(at, "too deeply nested");
        }
        match event {
            Event::Scalar(s, style, anchor, tag) => {
                let s = self.without_added_break(&s, style, at);
                let v = scalar(&tag_name(tag.as_deref()), s, style).or_else(|e| error_at(at, e))?;
                self.anchors.insert(anchor, v.clone());
                Ok(v)
            }
            Event::Alias(anchor) => {
                let name = || quote(&self.name_at(at.start.index()));
                if self.open.contains(&anchor) {
                    let name = name();
                    return error_at(
                        at,
                        format!("cannot refer to anchor {name} from inside its own definition"),
                    );
                }
                match self.anchors.get(&anchor) {
                    Some(v) => Ok(v.clone()),
                    None => error_at(at, format!("reference to undefined anchor {}", name())),
                }
            }
            Event::SequenceStart(anchor, tag) => {
                let tag = tag_name(tag.as_deref());
                if !tag.is_empty() && tag != "tag:yaml.org,2002:seq" {
                    return error_at(at, format!("can't interpret sequence as {tag}"));
                }
                self.open.push(anchor);
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break,
                        (event, at) => items.push(self.node(event, &at, depth + 1)?),
                    }
                }
                Ok(self.complete(anchor, Value::tuple(items)))
            }
            Event::MappingStart(anchor, tag) => {
                let tag = tag_name(tag.as_deref());
                if !tag.is_empty() && tag != "tag:yaml.org,2002:map" {
                    return error_at(at, format!("can't interpret mapping as {tag}"));
                }
                self.open.push(anchor);
                let fields = self.entries(depth)?;
                Ok(self.complete(anchor, Value::object(fields)))
            }
            _ => error_at(at, "unexpected content"),
        }
    }
    /// The parser ends a block with a line break even where the document ends
    /// without one.
    fn without_added_break<'s>(&self, s: &'s str, style: ScalarStyle, at: &Span) -> &'s str {
        let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let last_line = self.source.rsplit(['\n', '\r']).next().unwrap_or_default();
        if !block || last_line.is_empty() || at.end.index() < self.source.chars().count() {
            return s;
        }
        if last_line.trim().is_empty() && !s.ends_with("\n\n") {
            return s;
        }
        s.strip_suffix('\n').unwrap_or(s)
    }
    /// Anchor 0 is none; it is never looked for.
    fn complete(&mut self, anchor: usize, v: Value) -> Value {
        self.open.pop();
        self.anchors.insert(anchor, v.clone());
        v
    }
    /// Later entries win over earlier ones.
    fn entries(&mut self, depth: usize) -> Res<Vec<(Name, Value)>> {
        let mut fields: Vec<(Name, Value)> = Vec::new();
        loop {
            let (event, at) = self.next()?;
            let (key, style, anchor, tag) = match event {
                Event::MappingEnd => return Ok(fields),
                Event::Scalar(key, style, anchor, tag) => (key, style, anchor, tag_name(tag.as_deref())),
                _ => return error_at(&at, "only strings are allowed as mapping keys"),
            };
            if (tag.is_empty() && key == "<<") || tag == "tag:yaml.org,2002:merge" {
                let (event, value_at) = self.next()?;
                let value = self.node(event, &value_at, depth + 1)?;
                merge(&value, &mut fields)
                    .or_else(|what| error_at(&at, format!("cannot merge {what} into mapping")))?;
                continue;
            }
            let key = scalar(&tag, &key, style).or_else(|e| error_at(&at, e))?;
            self.anchors.insert(anchor, key.clone());
            if key.is_null() {
                return error_at(&at, "mapping key cannot be null");
            }
            let key = convert(&key, &Type::String).ok();
            let Some(name) = key.as_ref().and_then(Value::as_str) else {
                return error_at(&at, "only strings are allowed as mapping keys");
            };
            let (event, at) = self.next()?;
            let value = self.node(event, &at, depth + 1)?;
            fields.push((nfc(name), value));
        }
    }
}

/// Adds the entries of a mapping, or of a sequence of mappings; otherwise says what it is.
fn merge(v: &Value, fields: &mut Vec<(Name, Value)>) -> Result<(), String> {
    match v {
        Value::Object(f) => fields.extend(f.iter().map(|(n, v)| (n.clone(), v.clone()))),
        Value::Tuple(items) => {
            // The first mapping that has a key wins, so it comes last.
            for item in items.iter().rev() {
                let Value::Object(_) = item else {
                    return Err(format!("{} (from sequence)", item.ty().friendly_name()));
                };
                merge(item, fields)?;
            }
        }
        v => return Err(v.ty().friendly_name()),
    }
    Ok(())
}

fn scalar(tag: &str, s: &str, style: ScalarStyle) -> Result<Value, String> {
    const RESOLVABLE: [&str; 8] = ["", "str", "bool", "int", "float", "null", "timestamp", "binary"];
    let kind = match tag.strip_prefix(PREFIX) {
        Some(kind) => kind,
        None if tag.is_empty() => "",
        None => return Err(format!("unsupported tag {}", quote(tag))),
    };
    if !RESOLVABLE.contains(&kind) {
        return Err(format!("unsupported tag {}", quote(tag)));
    }
    let cannot = || Err(format!("cannot parse {} as {tag}", quote(s)));
    match kind {
        "str" => return Ok(Value::string(s)),
        "binary" => {
            return match super::encoding::from_base64(s) {
                Ok(_) => Ok(Value::string(s)),
                Err(_) => Err(format!("cannot parse {} as {tag}: not valid base64", quote(s))),
            };
        }
        _ => {}
    }
    // The first character tells whether it can be anything but a string.
    let first = s.bytes().next();
    let hint = first.is_none_or(|b| b"yYnNtTfFoO~.+-0123456789".contains(&b));
    let mut number = false;
    if hint {
        if matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) {
            return Ok(Value::string(s));
        }
        if let Some(v) = word(s) {
            return Ok(v);
        }
        if tag.is_empty() && matches!(s, ".nan" | ".NaN" | ".NAN") {
            return Err("floating point NaN is not supported".into());
        }
        match first {
            Some(b'.') => {
                if let Some(n) = Number::parse(s) {
                    return Ok(Value::Number(n));
                }
            }
            Some(b'+' | b'-' | b'0'..=b'9') => {
                if (kind.is_empty() || kind == "timestamp")
                    && let Some(t) = datetime::from_yaml(s)
                {
                    return Ok(Value::string(t));
                }
                number = is_integer(s) || is_float(s);
            }
            _ => {}
        }
    }
    match kind {
        _ if number => parse_number(s).map_or_else(cannot, Ok),
        "" => Ok(Value::string(s)),
        "null" => Ok(Value::null(Type::Dynamic)),
        "int" | "float" => parse_number(s).map_or_else(cannot, Ok),
        // A boolean or a timestamp would have been found by now.
        _ => cannot(),
    }
}

/// The words that mean something other than themselves.
fn word(s: &str) -> Option<Value> {
    Some(match s {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Value::bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Value::bool(false)
        }
        "" | "~" | "null" | "Null" | "NULL" => Value::null(Type::Dynamic),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::Number(Number::infinity(false)),
        "-.inf" | "-.Inf" | "-.INF" => Value::Number(Number::infinity(true)),
        _ => return None,
    })
}

fn digits(s: &str, radix: u32) -> bool {
    !s.is_empty() && s.chars().all(|c| c.is_digit(radix))
}

fn is_integer(s: &str) -> bool {
    s.strip_prefix("0o").is_some_and(|s| digits(s, 8))
        || s.strip_prefix("0x").is_some_and(|s| digits(s, 16))
        || digits(s.strip_prefix(['+', '-']).unwrap_or(s), 10)
}

fn is_float(s: &str) -> bool {
    let s = s.strip_prefix(['+', '-']).unwrap_or(s);
    let (mantissa, exponent) = match s.split_once(['e', 'E']) {
        Some((m, e)) => (m, Some(e.strip_prefix(['+', '-']).unwrap_or(e))),
        None => (s, None),
    };
    let mantissa = match mantissa.split_once('.') {
        Some((whole, fraction)) => {
            (whole.is_empty() || digits(whole, 10))
                && (fraction.is_empty() || digits(fraction, 10))
                && !(whole.is_empty() && fraction.is_empty())
        }
        None => digits(mantissa, 10),
    };
    mantissa && exponent.is_none_or(|e| digits(e, 10))
}

fn parse_number(s: &str) -> Option<Value> {
    let plain = s.replace('_', "");
    if let Some(n) = Number::parse(&plain) {
        return Some(Value::Number(n));
    }
    let (negative, body) = match plain.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let body = body.to_ascii_lowercase();
    let n = [("0x", 16), ("0o", 8), ("0b", 2)]
        .into_iter()
        .find_map(|(prefix, radix)| u64::from_str_radix(body.strip_prefix(prefix)?, radix).ok())?;
    let n = Number::from_u64(n);
    Some(Value::Number(if negative { n.neg() } else { n }))
}
