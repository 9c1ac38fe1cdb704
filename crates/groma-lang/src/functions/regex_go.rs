//! Regular expressions in Go's syntax (RE2): parsed here, matched by
//! `regex-automata`. The syntax differs from that of Rust's `regex` in many
//! details, which configurations rely on: Perl classes are ASCII, `{,2}` is
//! literal, `[[a]` and `[a&&b]` are plain sets, `\Q…\E` quotes.

use regex_automata::meta;
use regex_automata::util::captures::Captures;
use regex_syntax::hir::{self, Class, ClassUnicode, ClassUnicodeRange, Hir, Look};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

/// Why a pattern is not one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SyntaxError {
    /// Go's words.
    pub code: &'static str,
    /// The part of the pattern that is wrong.
    pub part: String,
}

/// The greatest repeat count, also when nested counts are multiplied.
const MOST_REPEATS: u32 = 1000;
/// The deepest nesting of groups.
const DEEPEST: usize = 1000;
/// Bytes that a compiled pattern may take.
const SIZE_LIMIT: usize = 100 << 20;
/// How many compiled patterns are kept.
const CACHED: usize = 256;

/// A compiled pattern.
pub(super) struct Regex {
    meta: meta::Regex,
    /// The names of the groups from 1, empty where there is none.
    pub names: Vec<String>,
}

impl Regex {
    /// Compiles, or takes one compiled before.
    pub(super) fn new(pattern: &str) -> Result<Arc<Regex>, SyntaxError> {
        static CACHE: OnceLock<Mutex<HashMap<String, Arc<Regex>>>> = OnceLock::new();
        let cache = CACHE.get_or_init(Mutex::default);
        if let Ok(cache) = cache.lock()
            && let Some(r) = cache.get(pattern)
        {
            return Ok(r.clone());
        }
        let regex = Arc::new(Regex::compile(pattern)?);
        if let Ok(mut cache) = cache.lock() {
            if cache.len() >= CACHED {
                cache.clear();
            }
            cache.insert(pattern.to_owned(), regex.clone());
        }
        Ok(regex)
    }
    fn compile(pattern: &str) -> Result<Regex, SyntaxError> {
        let mut parser = Parser::new(pattern);
        let node = parser.parse()?;
        let config = meta::Config::new().nfa_size_limit(Some(SIZE_LIMIT));
        let meta = meta::Builder::new()
            .configure(config)
            .build_from_hir(&node.hir())
            .map_err(|_| SyntaxError { code: "expression too large", part: pattern.to_owned() })?;
        Ok(Regex { meta, names: parser.names })
    }
    /// The groups of the first match; the whole match is group 0.
    pub(super) fn first<'h>(&self, text: &'h str) -> Option<Vec<Option<&'h str>>> {
        let mut captures = self.meta.create_captures();
        self.meta.captures(text, &mut captures);
        captures.is_match().then(|| groups(&captures, text))
    }
    /// The groups of all matches that do not overlap.
    pub(super) fn all<'h>(&self, text: &'h str) -> Vec<Vec<Option<&'h str>>> {
        self.meta.captures_iter(text).map(|c| groups(&c, text)).collect()
    }
    /// The text with a template filled in for each match.
    pub(super) fn replace(&self, text: &str, template: &str) -> String {
        let mut out = String::new();
        let mut at = 0;
        for c in self.meta.captures_iter(text) {
            let Some(m) = c.get_match() else { continue };
            out.push_str(&text[at..m.start()]);
            self.expand(template, &groups(&c, text), &mut out);
            at = m.end();
        }
        out.push_str(&text[at..]);
        out
    }
    /// `$1`, `$name`, `${name}`, and `$$` for a dollar sign. Groups that did not
    /// match are empty.
    fn expand(&self, mut template: &str, groups: &[Option<&str>], out: &mut String) {
        while let Some((before, after)) = template.split_once('$') {
            out.push_str(before);
            template = after;
            if let Some(rest) = template.strip_prefix('$') {
                out.push('$');
                template = rest;
                continue;
            }
            let Some((name, rest)) = reference(template) else {
                out.push('$');
                continue;
            };
            template = rest;
            let number =
                name.bytes().all(|b| b.is_ascii_digit()) && (name.len() == 1 || !name.starts_with('0'));
            let group = if number {
                name.parse::<usize>().ok().and_then(|n| *groups.get(n)?)
            } else {
                let mut named = self.names.iter().zip(&groups[1..]).filter(|(n, _)| *n == name);
                named.find_map(|(_, g)| *g)
            };
            out.push_str(group.unwrap_or_default());
        }
        out.push_str(template);
    }
}

fn groups<'h>(c: &Captures, text: &'h str) -> Vec<Option<&'h str>> {
    (0..c.group_len()).map(|i| c.get_group(i).map(|s| &text[s.range()])).collect()
}

/// The name after a dollar sign, and the rest.
fn reference(s: &str) -> Option<(&str, &str)> {
    let (brace, s) = match s.strip_prefix('{') {
        Some(s) => (true, s),
        None => (false, s),
    };
    let end = s.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(s.len());
    if end == 0 {
        return None;
    }
    let (name, rest) = s.split_at(end);
    if brace { Some((name, rest.strip_prefix('}')?)) } else { Some((name, rest)) }
}

/// A parsed pattern.
enum Node {
    Empty,
    /// A character, in both cases or not.
    Char(char, bool),
    Class(ClassUnicode),
    Look(Look),
    Repeat {
        min: u32,
        max: Option<u32>,
        greedy: bool,
        of: Box<Node>,
    },
    Group(u32, Box<Node>),
    Concat(Vec<Node>),
    Either(Vec<Node>),
}

impl Node {
    fn hir(&self) -> Hir {
        match self {
            Node::Empty => Hir::empty(),
            Node::Char(c, true) => {
                let mut class = ClassUnicode::new([ClassUnicodeRange::new(*c, *c)]);
                class.case_fold_simple();
                Hir::class(Class::Unicode(class))
            }
            Node::Char(c, false) => Hir::literal(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Node::Class(class) => Hir::class(Class::Unicode(class.clone())),
            Node::Look(look) => Hir::look(*look),
            Node::Repeat { min, max, greedy, of } => Hir::repetition(hir::Repetition {
                min: *min,
                max: *max,
                greedy: *greedy,
                sub: Box::new(of.hir()),
            }),
            // Names are kept beside, as Go allows the same name twice.
            Node::Group(index, of) => {
                Hir::capture(hir::Capture { index: *index, name: None, sub: Box::new(of.hir()) })
            }
            Node::Concat(all) => Hir::concat(all.iter().map(Node::hir).collect()),
            Node::Either(all) => Hir::alternation(all.iter().map(Node::hir).collect()),
        }
    }
    /// Whether the counts within, multiplied, stay below `limit`.
    fn repeats_within(&self, mut limit: u32) -> bool {
        match self {
            Node::Repeat { min, max, of, .. } => {
                // `*`, `+` and `?` do not count.
                let n = max.unwrap_or(*min);
                if *max == Some(0) {
                    return true;
                }
                if n > limit {
                    return false;
                }
                limit = limit.checked_div(n).unwrap_or(limit);
                of.repeats_within(limit)
            }
            Node::Group(_, of) => of.repeats_within(limit),
            Node::Concat(all) | Node::Either(all) => all.iter().all(|n| n.repeats_within(limit)),
            _ => true,
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Flags {
    /// `i`
    fold: bool,
    /// `m`
    lines: bool,
    /// `s`
    dot_newline: bool,
    /// `U`
    lazy: bool,
}

/// What is open: a group and the alternatives in it so far.
struct Frame {
    /// The number of a capturing group.
    capture: Option<u32>,
    /// The flags after the group.
    flags: Flags,
    alternatives: Vec<Node>,
    items: Vec<Node>,
}

impl Frame {
    fn new(capture: Option<u32>, flags: Flags) -> Frame {
        Frame { capture, flags, alternatives: Vec::new(), items: Vec::new() }
    }
    fn end_alternative(&mut self) {
        let mut items = std::mem::take(&mut self.items);
        self.alternatives.push(match items.len() {
            0 => Node::Empty,
            1 => items.remove(0),
            _ => Node::Concat(items),
        });
    }
    fn finish(mut self) -> Node {
        self.end_alternative();
        let node = if self.alternatives.len() == 1 {
            self.alternatives.remove(0)
        } else {
            Node::Either(self.alternatives)
        };
        match self.capture {
            Some(n) => Node::Group(n, Box::new(node)),
            None => node,
        }
    }
}

type Parsed<T> = Result<T, SyntaxError>;

fn error<T>(code: &'static str, part: impl Into<String>) -> Parsed<T> {
    Err(SyntaxError { code, part: part.into() })
}

/// The beginning of `whole` up to where `rest` begins.
fn up_to<'a>(whole: &'a str, rest: &str) -> &'a str {
    &whole[..whole.len() - rest.len()]
}

struct Parser<'a> {
    pattern: &'a str,
    flags: Flags,
    names: Vec<String>,
}

const BAD_RANGE: &str = "invalid character class range";
const BAD_ESCAPE: &str = "invalid escape sequence";
const BAD_COUNT: &str = "invalid repeat count";

impl<'a> Parser<'a> {
    fn new(pattern: &'a str) -> Parser<'a> {
        Parser { pattern, flags: Flags::default(), names: Vec::new() }
    }

    fn parse(&mut self) -> Parsed<Node> {
        let mut stack = vec![Frame::new(None, self.flags)];
        let mut rest = self.pattern;
        // Where the last repetition began, if nothing has followed it.
        let mut repeated: Option<&str> = None;
        while let Some(c) = rest.chars().next() {
            let Some(top) = stack.last_mut() else { return error("unexpected )", self.pattern) };
            let last_repeat = repeated.take();
            match c {
                '(' => {
                    let (after, frame) = self.group(rest)?;
                    if let Some(frame) = frame {
                        if stack.len() >= DEEPEST {
                            return error("expression nests too deeply", self.pattern);
                        }
                        stack.push(frame);
                    }
                    rest = after;
                }
                '|' => {
                    top.end_alternative();
                    rest = &rest[1..];
                }
                ')' => {
                    let frame = stack.pop().filter(|_| !stack.is_empty());
                    let (Some(frame), Some(outer)) = (frame, stack.last_mut()) else {
                        return error("unexpected )", self.pattern);
                    };
                    self.flags = frame.flags;
                    outer.items.push(frame.finish());
                    rest = &rest[1..];
                }
                '^' => {
                    top.items.push(Node::Look(if self.flags.lines { Look::StartLF } else { Look::Start }));
                    rest = &rest[1..];
                }
                '$' => {
                    top.items.push(Node::Look(if self.flags.lines { Look::EndLF } else { Look::End }));
                    rest = &rest[1..];
                }
                '.' => {
                    let any =
                        if self.flags.dot_newline { hir::Dot::AnyChar } else { hir::Dot::AnyCharExceptLF };
                    top.items.push(dot(any));
                    rest = &rest[1..];
                }
                '[' => {
                    let (class, after) = self.class(rest)?;
                    top.items.push(Node::Class(class));
                    rest = after;
                }
                '*' | '+' | '?' | '{' => {
                    let Some((min, max, after)) = repetition(rest)? else {
                        top.items.push(Node::Char('{', false));
                        rest = &rest[1..];
                        continue;
                    };
                    repeated = Some(rest);
                    rest = self.repeat(top, (min, max), rest, after, last_repeat)?;
                }
                '\\' => rest = self.escape(rest, top)?,
                c => {
                    top.items.push(Node::Char(c, self.flags.fold));
                    rest = &rest[c.len_utf8()..];
                }
            }
        }
        match (stack.pop(), stack.is_empty()) {
            (Some(frame), true) => Ok(frame.finish()),
            _ => error("missing closing )", self.pattern),
        }
    }

    /// Repeats the last item. Gives the rest.
    fn repeat(
        &self,
        frame: &mut Frame,
        (min, max): (u32, Option<u32>),
        before: &'a str,
        mut after: &'a str,
        last_repeat: Option<&'a str>,
    ) -> Parsed<&'a str> {
        let mut greedy = !self.flags.lazy;
        if let Some(rest) = after.strip_prefix('?') {
            after = rest;
            greedy = !greedy;
        }
        if let Some(last) = last_repeat {
            return error("invalid nested repetition operator", up_to(last, after));
        }
        let Some(of) = frame.items.pop() else {
            return error("missing argument to repetition operator", up_to(before, after));
        };
        let node = Node::Repeat { min, max, greedy, of: Box::new(of) };
        if before.starts_with('{') && (min >= 2 || max >= Some(2)) && !node.repeats_within(MOST_REPEATS) {
            return error(BAD_COUNT, up_to(before, after));
        }
        frame.items.push(node);
        Ok(after)
    }

    /// After `(`: the rest, and the group if one begins.
    fn group(&mut self, s: &'a str) -> Parsed<(&'a str, Option<Frame>)> {
        if !s.starts_with("(?") {
            self.names.push(String::new());
            return Ok((&s[1..], Some(Frame::new(Some(self.names.len() as u32), self.flags))));
        }
        let name_at = match s {
            s if s.len() > 4 && s.starts_with("(?P<") => Some(4),
            s if s.len() > 3 && s.starts_with("(?<") => Some(3),
            _ => None,
        };
        if let Some(at) = name_at {
            let Some(end) = s.find('>') else { return error("invalid named capture", s) };
            let name = s.get(at..end).unwrap_or_default();
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                return error("invalid named capture", &s[..=end]);
            }
            self.names.push(name.to_owned());
            return Ok((&s[end + 1..], Some(Frame::new(Some(self.names.len() as u32), self.flags))));
        }
        let mut rest = &s[2..];
        let (mut flags, mut on, mut seen) = (self.flags, true, false);
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            match c {
                'i' => flags.fold = on,
                'm' => flags.lines = on,
                's' => flags.dot_newline = on,
                'U' => flags.lazy = on,
                '-' if on => {
                    (on, seen) = (false, false);
                    continue;
                }
                ':' | ')' if on || seen => {
                    let frame = (c == ':').then(|| Frame::new(None, self.flags));
                    self.flags = flags;
                    return Ok((rest, frame));
                }
                _ => break,
            }
            seen = true;
        }
        error("invalid or unsupported Perl syntax", up_to(s, rest))
    }

    /// After a backslash outside of a class. Gives the rest.
    fn escape(&self, s: &'a str, frame: &mut Frame) -> Parsed<&'a str> {
        let look = match s.as_bytes().get(1) {
            Some(b'A') => Some(Look::Start),
            Some(b'z') => Some(Look::End),
            Some(b'b') => Some(Look::WordAscii),
            Some(b'B') => Some(Look::WordAsciiNegate),
            _ => None,
        };
        if let Some(look) = look {
            frame.items.push(Node::Look(look));
            return Ok(&s[2..]);
        }
        if let Some(quoted) = s.strip_prefix("\\Q") {
            let (literal, rest) = quoted.split_once("\\E").unwrap_or((quoted, ""));
            frame.items.extend(literal.chars().map(|c| Node::Char(c, self.flags.fold)));
            return Ok(rest);
        }
        if let Some((class, rest)) = self.class_escape(s)? {
            frame.items.push(Node::Class(class));
            return Ok(rest);
        }
        let (c, rest) = escaped_char(s)?;
        frame.items.push(Node::Char(c, self.flags.fold));
        Ok(rest)
    }

    /// `\d`, `\pL` and such, if there is one.
    fn class_escape(&self, s: &'a str) -> Parsed<Option<(ClassUnicode, &'a str)>> {
        if s.starts_with("\\p") || s.starts_with("\\P") {
            return self.unicode_class(s).map(Some);
        }
        let (ranges, negated): (&[(char, char)], bool) = match s.as_bytes() {
            [b'\\', b'd', ..] => (DIGIT, false),
            [b'\\', b'D', ..] => (DIGIT, true),
            [b'\\', b's', ..] => (PERL_SPACE, false),
            [b'\\', b'S', ..] => (PERL_SPACE, true),
            [b'\\', b'w', ..] => (WORD, false),
            [b'\\', b'W', ..] => (WORD, true),
            _ => return Ok(None),
        };
        Ok(Some((self.finish_class(of_ranges(ranges), negated), &s[2..])))
    }

    /// In both cases, if so flagged; then negated.
    fn finish_class(&self, mut class: ClassUnicode, negated: bool) -> ClassUnicode {
        if self.flags.fold {
            class.case_fold_simple();
        }
        if negated {
            class.negate();
        }
        class
    }

    fn unicode_class(&self, s: &'a str) -> Parsed<(ClassUnicode, &'a str)> {
        let mut negated = s.starts_with("\\P");
        let Some(first) = s[2..].chars().next() else { return error(BAD_RANGE, s) };
        let (part, mut name, rest) = if first == '{' {
            let Some(end) = s.find('}') else { return error(BAD_RANGE, s) };
            (&s[..=end], &s[3..end], &s[end + 1..])
        } else {
            let end = 2 + first.len_utf8();
            (&s[..end], &s[2..end], &s[end..])
        };
        if let Some(positive) = name.strip_prefix('^') {
            negated = !negated;
            name = positive;
        }
        match unicode_table(name) {
            Some(class) => Ok((self.finish_class(class, negated), rest)),
            None => error(BAD_RANGE, part),
        }
    }

    fn class(&self, s: &'a str) -> Parsed<(ClassUnicode, &'a str)> {
        let mut rest = &s[1..];
        let mut negated = false;
        if let Some(after) = rest.strip_prefix('^') {
            negated = true;
            rest = after;
        }
        let mut class = ClassUnicode::empty();
        let mut first = true;
        while first || !rest.starts_with(']') {
            first = false;
            if rest.len() > 2
                && rest.starts_with("[:")
                && let Some(end) = rest[2..].find(":]")
            {
                let name = &rest[..end + 4];
                let (ranges, not) = match posix(name) {
                    Some(found) => found,
                    None => return error(BAD_RANGE, name),
                };
                class.union(&self.finish_class(of_ranges(ranges), not));
                rest = &rest[name.len()..];
                continue;
            }
            if let Some((part, after)) = self.class_escape(rest)? {
                class.union(&part);
                rest = after;
                continue;
            }
            let start = rest;
            let (low, after) = class_char(rest, s)?;
            rest = after;
            let mut high = low;
            if rest.len() >= 2 && rest.starts_with('-') && !rest[1..].starts_with(']') {
                (high, rest) = class_char(&rest[1..], s)?;
                if high < low {
                    return error(BAD_RANGE, up_to(start, rest));
                }
            }
            let range = ClassUnicode::new([ClassUnicodeRange::new(low, high)]);
            class.union(&self.finish_class(range, false));
        }
        if negated {
            class.negate();
        }
        Ok((class, &rest[1..]))
    }
}

fn dot(kind: hir::Dot) -> Node {
    match Hir::dot(kind).into_kind() {
        hir::HirKind::Class(Class::Unicode(class)) => Node::Class(class),
        _ => Node::Empty,
    }
}

fn class_char<'a>(s: &'a str, class: &str) -> Parsed<(char, &'a str)> {
    match s.chars().next() {
        None => error("missing closing ]", class),
        Some('\\') => escaped_char(s),
        Some(c) => Ok((c, &s[c.len_utf8()..])),
    }
}

/// The character that an escape stands for.
fn escaped_char(s: &str) -> Parsed<(char, &str)> {
    let mut chars = s[1..].chars();
    let Some(c) = chars.next() else { return error("trailing backslash at end of expression", "") };
    let bad = |rest: &str| error(BAD_ESCAPE, up_to(s, rest));
    let simple = match c {
        'a' => Some('\u{7}'),
        'f' => Some('\u{c}'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\u{b}'),
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => Some(c),
        _ => None,
    };
    if let Some(c) = simple {
        return Ok((c, chars.as_str()));
    }
    match c {
        // One digit other than zero would be a reference back.
        '0'..='7' if c == '0' || chars.as_str().starts_with(|d: char| ('0'..='7').contains(&d)) => {
            let mut n = c as u32 - '0' as u32;
            for _ in 0..2 {
                let Some(d) = chars.as_str().chars().next().and_then(|d| d.to_digit(8)) else { break };
                n = n * 8 + d;
                chars.next();
            }
            match char::from_u32(n) {
                Some(c) => Ok((c, chars.as_str())),
                None => bad(chars.as_str()),
            }
        }
        'x' => hex_char(s, chars),
        _ => bad(chars.as_str()),
    }
}

fn hex_char<'a>(s: &'a str, mut chars: std::str::Chars<'a>) -> Parsed<(char, &'a str)> {
    let bad = |rest: &str| error(BAD_ESCAPE, up_to(s, rest));
    let Some(first) = chars.next() else { return bad("") };
    let mut n = 0u32;
    if first != '{' {
        let (high, low) = (first.to_digit(16), chars.next().and_then(|c| c.to_digit(16)));
        return match (high, low) {
            (Some(h), Some(l)) => Ok((char::from(h as u8 * 16 + l as u8), chars.as_str())),
            _ => bad(chars.as_str()),
        };
    }
    let mut any = false;
    loop {
        match chars.next() {
            Some('}') if any => break,
            Some(c) => match c.to_digit(16) {
                Some(d) => n = n * 16 + d,
                None => return bad(chars.as_str()),
            },
            None => return bad(""),
        }
        any = true;
        if n > char::MAX as u32 {
            return bad(chars.as_str());
        }
    }
    match char::from_u32(n) {
        Some(c) => Ok((c, chars.as_str())),
        None => bad(chars.as_str()),
    }
}

/// The counts of the repetition at the beginning and the rest; `None` for a
/// brace that is literal.
fn repetition(s: &str) -> Parsed<Option<(u32, Option<u32>, &str)>> {
    let rest = &s[1..];
    match s.as_bytes()[0] {
        b'*' => return Ok(Some((0, None, rest))),
        b'+' => return Ok(Some((1, None, rest))),
        b'?' => return Ok(Some((0, Some(1), rest))),
        _ => {}
    }
    let Some((min, rest)) = count(rest) else { return Ok(None) };
    let (max, rest) = match rest.strip_prefix(',') {
        None => (Some(min), rest),
        Some(rest) if rest.starts_with('}') => (None, rest),
        Some(rest) => match count(rest) {
            Some((max, rest)) => (Some(max), rest),
            None => return Ok(None),
        },
    };
    let Some(rest) = rest.strip_prefix('}') else { return Ok(None) };
    if min > MOST_REPEATS || max.is_some_and(|max| max > MOST_REPEATS || min > max) {
        return error(BAD_COUNT, up_to(s, rest));
    }
    Ok(Some((min, max, rest)))
}

/// A number without needless zeros before it.
fn count(s: &str) -> Option<(u32, &str)> {
    let len = s.bytes().take_while(u8::is_ascii_digit).count();
    if len == 0 || (len > 1 && s.starts_with('0')) {
        return None;
    }
    Some((s[..len].parse().unwrap_or(u32::MAX), &s[len..]))
}

const DIGIT: &[(char, char)] = &[('0', '9')];
const PERL_SPACE: &[(char, char)] = &[('\t', '\n'), ('\u{c}', '\r'), (' ', ' ')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

fn of_ranges(ranges: &[(char, char)]) -> ClassUnicode {
    ClassUnicode::new(ranges.iter().map(|(a, b)| ClassUnicodeRange::new(*a, *b)))
}

/// `[:alpha:]` or `[:^alpha:]`: the characters, and whether they are excluded.
fn posix(name: &str) -> Option<(&'static [(char, char)], bool)> {
    let name = name.strip_prefix("[:")?.strip_suffix(":]")?;
    let (name, negated) = match name.strip_prefix('^') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let ranges: &[(char, char)] = match name {
        "alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
        "alpha" => &[('A', 'Z'), ('a', 'z')],
        "ascii" => &[('\0', '\u{7f}')],
        "blank" => &[('\t', '\t'), (' ', ' ')],
        "cntrl" => &[('\0', '\u{1f}'), ('\u{7f}', '\u{7f}')],
        "digit" => DIGIT,
        "graph" => &[('!', '~')],
        "lower" => &[('a', 'z')],
        "print" => &[(' ', '~')],
        "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "space" => &[('\t', '\r'), (' ', ' ')],
        "upper" => &[('A', 'Z')],
        "word" => WORD,
        "xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
        _ => return None,
    };
    Some((ranges, negated))
}

/// The characters of a general category (by its one or two letters) or a script.
fn unicode_table(name: &str) -> Option<ClassUnicode> {
    const CATEGORIES: &str =
        "Cc Cf Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs";
    let of = |property: String| match regex_syntax::parse(&property).ok()?.into_kind() {
        hir::HirKind::Class(Class::Unicode(class)) => Some(class),
        _ => None,
    };
    match name {
        "Any" => return Some(of_ranges(&[('\0', char::MAX)])),
        // Unassigned characters do not count here; surrogates are no characters.
        "C" => return of(r"[\p{Cc}\p{Cf}\p{Co}]".into()),
        "Cs" => return Some(ClassUnicode::empty()),
        _ => {}
    }
    if CATEGORIES.split(' ').any(|c| c == name) {
        return of(format!(r"\p{{gc={name}}}"));
    }
    // Scripts have names such as `Old_Italic`.
    let well_written = name.split('_').all(|word| {
        word.starts_with(|c: char| c.is_ascii_uppercase()) && word.chars().all(|c| c.is_ascii_alphabetic())
    });
    if well_written { of(format!(r"\p{{sc={name}}}")) } else { None }
}
