//! Text to tokens. One pass without recursion; every byte but blanks is in
//! exactly one token, so the formatter can work with the same tokens.

use super::token::{Tok, Token};

/// Where a text starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// In a body or an expression.
    Normal,
    /// In a template, as in a file for `templatefile`.
    Template,
}

enum Mode {
    /// Within `${` or `%{` (or at the top). Holds the number of open braces that
    /// `}` must not go below to end the sequence.
    Normal(i64),
    Quoted,
    Heredoc {
        marker: (usize, usize),
        line_start: bool,
    },
    Bare,
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    pos: usize,
    tokens: Vec<Token>,
    modes: Vec<Mode>,
    braces: i64,
    /// Set once a search for `*/` reached the end, so that it is not repeated.
    no_comment_end: bool,
}

/// The tokens of `text`, the last one [`Tok::Eof`]. A byte order mark at the
/// start is skipped.
pub fn lex(text: &str, start: Start) -> Vec<Token> {
    let base = match start {
        Start::Normal => Mode::Normal(i64::MIN),
        Start::Template => Mode::Bare,
    };
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        pos: if text.starts_with('\u{feff}') { 3 } else { 0 },
        tokens: Vec::with_capacity(text.len() / 5),
        modes: vec![base],
        braces: 0,
        no_comment_end: false,
    };
    while lexer.pos < lexer.bytes.len() {
        match lexer.modes.last() {
            Some(Mode::Normal(_)) | None => lexer.normal(),
            Some(Mode::Quoted) => lexer.quoted(),
            Some(Mode::Heredoc { .. }) => lexer.heredoc(),
            Some(Mode::Bare) => lexer.bare(),
        }
    }
    let end = text.len() as u32;
    lexer.tokens.push(Token { kind: Tok::Eof, start: end, end });
    lexer.tokens
}

/// Whether `c` may start an identifier.
pub fn is_ident_start(c: char) -> bool {
    c == '_' || unicode_ident::is_xid_start(c)
}

/// Whether `c` may continue an identifier.
pub fn is_ident_continue(c: char) -> bool {
    c == '-' || unicode_ident::is_xid_continue(c)
}

/// Whether all of `s` is one identifier.
pub fn is_identifier(s: &str) -> bool {
    let mut chars = s.chars();
    chars.next().is_some_and(is_ident_start) && chars.all(is_ident_continue)
}

impl Lexer<'_> {
    fn push(&mut self, kind: Tok, len: usize) {
        let start = self.pos;
        self.pos += len;
        self.tokens.push(Token { kind, start: start as u32, end: self.pos as u32 });
    }

    fn at(&self, offset: usize) -> u8 {
        self.bytes.get(self.pos + offset).copied().unwrap_or(0)
    }

    fn char_len(&self) -> usize {
        self.text[self.pos..].chars().next().map_or(1, char::len_utf8)
    }

    /// Length of the newline here, or 0.
    fn newline_len(&self, pos: usize) -> usize {
        match self.bytes.get(pos) {
            Some(b'\n') => 1,
            Some(b'\r') if self.bytes.get(pos + 1) == Some(&b'\n') => 2,
            _ => 0,
        }
    }

    /// Length of the identifier here, or 0.
    fn ident_len(&self, pos: usize) -> usize {
        let rest = &self.bytes[pos..];
        let mut i = 0;
        while let Some(&b) = rest.get(i) {
            if b.is_ascii() {
                let good =
                    b.is_ascii_alphabetic() || b == b'_' || (i > 0 && (b.is_ascii_digit() || b == b'-'));
                if !good {
                    break;
                }
                i += 1;
            } else {
                let Some(c) = self.text[pos + i..].chars().next() else { break };
                if !(if i == 0 { is_ident_start(c) } else { is_ident_continue(c) }) {
                    break;
                }
                i += c.len_utf8();
            }
        }
        i
    }

    fn normal(&mut self) {
        let b = self.at(0);
        match b {
            b' ' | b'\t' => self.pos += 1,
            b'\n' => self.push(Tok::Newline, 1),
            b'\r' if self.at(1) == b'\n' => self.push(Tok::Newline, 2),
            b'0'..=b'9' => self.number(),
            b'#' => self.line_comment(),
            b'/' if self.at(1) == b'/' => self.line_comment(),
            b'/' if self.at(1) == b'*' => self.block_comment(),
            b'"' => {
                self.push(Tok::OQuote, 1);
                self.modes.push(Mode::Quoted);
            }
            b'<' if self.at(1) == b'<' && self.begin_heredoc() => {}
            b'{' => {
                self.braces += 1;
                self.push(Tok::OBrace, 1);
            }
            b'}' => {
                if self.closes_sequence() {
                    self.push(Tok::SeqEnd, 1);
                    self.modes.pop();
                } else {
                    self.braces -= 1;
                    self.push(Tok::CBrace, 1);
                }
            }
            b'~' if self.at(1) == b'}' => {
                // Also where no sequence is open: the parser tells that it is out of place.
                if self.closes_sequence() {
                    self.modes.pop();
                } else {
                    self.braces -= 1;
                }
                self.push(Tok::SeqEnd, 2);
            }
            _ => {
                let len = self.ident_len(self.pos);
                if len > 0 {
                    self.push(Tok::Ident, len);
                } else {
                    let (kind, len) = self.operator();
                    self.push(kind, len);
                }
            }
        }
    }

    fn closes_sequence(&self) -> bool {
        matches!(self.modes.last(), Some(Mode::Normal(base)) if *base == self.braces)
    }

    fn operator(&self) -> (Tok, usize) {
        let next = self.at(1);
        match (self.at(0), next) {
            (b'=', b'=') => (Tok::EqualOp, 2),
            (b'=', b'>') => (Tok::FatArrow, 2),
            (b'=', _) => (Tok::Equal, 1),
            (b'!', b'=') => (Tok::NotEqual, 2),
            (b'!', _) => (Tok::Bang, 1),
            (b'<', b'=') => (Tok::LessEq, 2),
            (b'<', _) => (Tok::Less, 1),
            (b'>', b'=') => (Tok::GreaterEq, 2),
            (b'>', _) => (Tok::Greater, 1),
            (b'&', b'&') => (Tok::And, 2),
            (b'&', _) => (Tok::BitAnd, 1),
            (b'|', b'|') => (Tok::Or, 2),
            (b'|', _) => (Tok::BitOr, 1),
            (b':', b':') => (Tok::DoubleColon, 2),
            (b':', _) => (Tok::Colon, 1),
            (b'.', b'.') if self.at(2) == b'.' => (Tok::Ellipsis, 3),
            (b'.', _) => (Tok::Dot, 1),
            (b'[', _) => (Tok::OBrack, 1),
            (b']', _) => (Tok::CBrack, 1),
            (b'(', _) => (Tok::OParen, 1),
            (b')', _) => (Tok::CParen, 1),
            (b'*', _) => (Tok::Star, 1),
            (b'/', _) => (Tok::Slash, 1),
            (b'+', _) => (Tok::Plus, 1),
            (b'-', _) => (Tok::Minus, 1),
            (b'%', _) => (Tok::Percent, 1),
            (b',', _) => (Tok::Comma, 1),
            (b'?', _) => (Tok::Question, 1),
            (b'~', _) => (Tok::BitNot, 1),
            (b'^', _) => (Tok::BitXor, 1),
            (b'\'', _) => (Tok::Apostrophe, 1),
            (b'`', _) => (Tok::Backtick, 1),
            (b';', _) => (Tok::Semicolon, 1),
            _ => (Tok::Invalid, self.char_len()),
        }
    }

    /// Digits, dots and exponents; does not end in a dot. What is no number among
    /// these (`1.2.3`) is told by the parser, which also takes `0.1` apart in `a.0.1`.
    fn number(&mut self) {
        let mut i = 1;
        let mut end = 1;
        loop {
            match self.at(i) {
                b'0'..=b'9' => {
                    i += 1;
                    end = i;
                }
                b'.' => i += 1,
                b'e' | b'E' => {
                    let sign = usize::from(matches!(self.at(i + 1), b'+' | b'-'));
                    if !self.at(i + 1 + sign).is_ascii_digit() {
                        break;
                    }
                    i += 2 + sign;
                    end = i;
                }
                _ => break,
            }
        }
        self.push(Tok::Number, end);
    }

    fn line_comment(&mut self) {
        let rest = &self.bytes[self.pos..];
        let len = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |i| i + 1);
        self.push(Tok::Comment, len);
    }

    fn block_comment(&mut self) {
        if !self.no_comment_end {
            if let Some(i) = self.text[self.pos + 2..].find("*/") {
                return self.push(Tok::Comment, i + 4);
            }
            self.no_comment_end = true;
        }
        self.push(Tok::Slash, 1);
    }

    fn begin_heredoc(&mut self) -> bool {
        let marker = self.pos + 2 + usize::from(self.at(2) == b'-');
        let len = self.ident_len(marker);
        let newline = self.newline_len(marker + len);
        if len == 0 || newline == 0 {
            return false;
        }
        self.push(Tok::OHeredoc, marker + len + newline - self.pos);
        self.modes.push(Mode::Heredoc { marker: (marker, marker + len), line_start: true });
        true
    }

    /// `${` or `%{` here: emits it and enters it.
    fn sequence(&mut self) -> bool {
        let kind = match self.at(0) {
            b'$' => Tok::Interp,
            b'%' => Tok::Control,
            _ => return false,
        };
        if self.at(1) != b'{' {
            return false;
        }
        self.push(kind, 2 + usize::from(self.at(2) == b'~'));
        self.modes.push(Mode::Normal(self.braces));
        true
    }

    /// The end of the text that starts at `pos`: before `${`, `%{`, and what `stop` finds.
    fn literal_end(&self, stop: impl Fn(u8) -> bool, escapes: bool) -> usize {
        let mut i = self.pos;
        while let Some(&b) = self.bytes.get(i) {
            if stop(b) && (b != b'\r' || self.newline_len(i) > 0) {
                break;
            }
            match b {
                b'$' | b'%' => {
                    if self.bytes.get(i + 1) == Some(&b'{') {
                        break;
                    }
                    // `$${` is text.
                    let escaped = self.bytes.get(i + 1) == Some(&b) && self.bytes.get(i + 2) == Some(&b'{');
                    i += if escaped { 3 } else { 1 };
                }
                b'\\' if escapes => {
                    // A newline cannot be escaped.
                    let Some(next) = self.text[i + 1..].chars().next() else { break };
                    if self.newline_len(i + 1) > 0 {
                        break;
                    }
                    i += 1 + next.len_utf8();
                }
                _ => i += 1,
            }
        }
        i
    }

    fn quoted(&mut self) {
        if self.at(0) == b'"' {
            self.push(Tok::CQuote, 1);
            self.modes.pop();
            return;
        }
        let newline = self.newline_len(self.pos);
        if newline > 0 {
            self.push(Tok::QuotedNewline, newline);
            return;
        }
        if self.sequence() {
            return;
        }
        let end = self.literal_end(|b| matches!(b, b'"' | b'\n' | b'\r'), true);
        if end == self.pos {
            self.push(Tok::Invalid, 1);
        } else {
            self.push(Tok::QuotedLit, end - self.pos);
        }
    }

    fn heredoc(&mut self) {
        if let Some(Mode::Heredoc { marker, line_start: true }) = self.modes.last() {
            let (start, end) = *marker;
            let rest = &self.bytes[self.pos..];
            let len = rest.iter().position(|b| *b == b'\n');
            // The closing marker needs its newline: at the very end of the text it is no marker.
            if let Some(len) = len {
                let line = &self.text[self.pos..self.pos + len];
                if line.trim() == &self.text[start..end] {
                    let len = len - usize::from(line.ends_with('\r'));
                    self.push(Tok::CHeredoc, len);
                    self.modes.pop();
                    return;
                }
            }
        }
        if self.sequence() {
            self.set_line_start(false);
            return;
        }
        self.line_literal();
    }

    fn set_line_start(&mut self, value: bool) {
        if let Some(Mode::Heredoc { line_start, .. }) = self.modes.last_mut() {
            *line_start = value;
        } else if let [.., Mode::Heredoc { line_start, .. }, Mode::Normal(_)] = &mut self.modes[..] {
            *line_start = value;
        }
    }

    fn bare(&mut self) {
        if !self.sequence() {
            self.line_literal();
        }
    }

    /// Text to the end of the line, newline included, or to a sequence.
    fn line_literal(&mut self) {
        let mut end = self.literal_end(|b| b == b'\n', false);
        let newline = self.bytes.get(end) == Some(&b'\n');
        end += usize::from(newline);
        self.push(Tok::StringLit, end - self.pos);
        self.set_line_start(newline);
    }
}
