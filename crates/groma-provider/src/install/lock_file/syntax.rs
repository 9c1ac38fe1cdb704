//! The part of HCL that lock files use: blocks of arguments whose values are strings or lists of
//! strings, and comments.

use super::LockFileProblem;

#[derive(Debug, PartialEq)]
pub(super) struct Block {
    pub ty: String,
    pub labels: Vec<String>,
    pub attributes: Vec<Attribute>,
    pub line: usize,
}

#[derive(Debug, PartialEq)]
pub(super) struct Attribute {
    pub name: String,
    pub value: Expression,
    pub line: usize,
}

#[derive(Debug, PartialEq)]
pub(super) enum Expression {
    String(String),
    List(Vec<String>),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    String(String),
    Mark(char),
    Newline,
}

/// Reads all blocks. Stops at the first error of syntax.
pub(super) fn parse(text: &str, problems: &mut Vec<LockFileProblem>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let result = tokens(text).and_then(|tokens| {
        let mut reader = Reader { tokens, at: 0 };
        while let Some(block) = reader.block()? {
            blocks.push(block);
        }
        Ok(())
    });
    if let Err(problem) = result {
        problems.push(problem);
    }
    blocks
}

fn problem(line: usize, detail: impl Into<String>) -> LockFileProblem {
    LockFileProblem { summary: "Invalid lock file syntax".to_owned(), detail: detail.into(), line }
}

fn tokens(text: &str) -> Result<Vec<(Token, usize)>, LockFileProblem> {
    let mut tokens = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut chars = text.chars().peekable();
    let mut line = 1;
    while let Some(c) = chars.next() {
        match c {
            '\n' => {
                tokens.push((Token::Newline, line));
                line += 1;
            }
            c if c.is_whitespace() => {}
            '#' => while chars.next_if(|c| *c != '\n').is_some() {},
            '/' if chars.peek() == Some(&'/') => while chars.next_if(|c| *c != '\n').is_some() {},
            '/' if chars.peek() == Some(&'*') => {
                let start = line;
                let mut last = ' ';
                chars.next();
                loop {
                    match chars.next() {
                        Some('/') if last == '*' => break,
                        Some(c) => {
                            line += usize::from(c == '\n');
                            last = c;
                        }
                        None => return Err(problem(start, "The comment does not end.")),
                    }
                }
            }
            '{' | '}' | '[' | ']' | '=' | ',' => tokens.push((Token::Mark(c), line)),
            '"' => tokens.push((Token::String(string(&mut chars, line)?), line)),
            c if c.is_alphanumeric() || c == '_' => {
                let mut name = String::from(c);
                while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.')) {
                    name.push(c);
                }
                tokens.push((Token::Name(name), line));
            }
            c => return Err(problem(line, format!("The character {c:?} is not expected here."))),
        }
    }
    Ok(tokens)
}

/// The rest of a quoted string.
fn string(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    line: usize,
) -> Result<String, LockFileProblem> {
    let mut text = String::new();
    loop {
        match chars.next() {
            None | Some('\n') => return Err(problem(line, "The string does not end on its line.")),
            Some('"') => return Ok(text),
            Some(c @ ('$' | '%')) if chars.peek() == Some(&'{') => {
                let detail = format!("A lock file's strings hold no templates, but {c}{{ begins one.");
                return Err(problem(line, detail));
            }
            Some(c @ ('$' | '%')) => {
                text.push(c);
                // Doubled, the mark stands for itself before a brace.
                let mut ahead = chars.clone();
                if ahead.next() == Some(c) && ahead.next() == Some('{') {
                    chars.next();
                }
            }
            Some('\\') => match chars.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some('"') => text.push('"'),
                Some('\\') => text.push('\\'),
                Some(kind @ ('u' | 'U')) => {
                    let digits = if kind == 'u' { 4 } else { 8 };
                    let code: String = chars.by_ref().take(digits).collect();
                    let c = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
                    text.push(c.ok_or_else(|| problem(line, "The escape names no character."))?);
                }
                _ => return Err(problem(line, "The escape sequence does not exist.")),
            },
            Some(c) => text.push(c),
        }
    }
}

struct Reader {
    tokens: Vec<(Token, usize)>,
    at: usize,
}

impl Reader {
    fn line(&self) -> usize {
        let token = self.tokens.get(self.at).or(self.tokens.last());
        token.map_or(1, |(_, line)| *line)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).map(|(token, _)| token.clone());
        self.at += 1;
        token
    }

    fn skip_newlines(&mut self) {
        while matches!(self.tokens.get(self.at), Some((Token::Newline, _))) {
            self.at += 1;
        }
    }

    fn block(&mut self) -> Result<Option<Block>, LockFileProblem> {
        self.skip_newlines();
        let line = self.line();
        let ty = match self.next() {
            None => return Ok(None),
            Some(Token::Name(name)) => name,
            Some(_) => return Err(problem(line, "A block is expected here.")),
        };
        let mut labels = Vec::new();
        loop {
            match self.next() {
                Some(Token::String(label) | Token::Name(label)) => labels.push(label),
                Some(Token::Mark('{')) => break,
                Some(Token::Mark('=')) => {
                    let detail = format!("An argument named \"{ty}\" is not expected here.");
                    return Err(LockFileProblem { summary: "Unsupported argument".to_owned(), detail, line });
                }
                _ => return Err(problem(line, "A block's labels and its opening brace are expected here.")),
            }
        }
        let mut attributes: Vec<Attribute> = Vec::new();
        loop {
            self.skip_newlines();
            let place = self.line();
            let name = match self.next() {
                Some(Token::Mark('}')) => break,
                Some(Token::Name(name)) => name,
                Some(_) => return Err(problem(place, "An argument is expected here.")),
                None => return Err(problem(line, "There is no closing brace for this block.")),
            };
            if self.next() != Some(Token::Mark('=')) {
                return Err(problem(place, format!("An equals sign is expected after \"{name}\".")));
            }
            let value = self.expression()?;
            if attributes.iter().any(|attribute| attribute.name == name) {
                let detail = format!("The argument \"{name}\" was already set.");
                let summary = "Attribute redefined".to_owned();
                return Err(LockFileProblem { summary, detail, line: place });
            }
            attributes.push(Attribute { name, value, line: place });
            match self.tokens.get(self.at) {
                Some((Token::Newline | Token::Mark('}'), _)) | None => {}
                Some((_, line)) => return Err(problem(*line, "A new line is expected after an argument.")),
            }
        }
        Ok(Some(Block { ty, labels, attributes, line }))
    }

    fn expression(&mut self) -> Result<Expression, LockFileProblem> {
        let line = self.line();
        let expected = || problem(line, "A quoted string or a list of them is expected here.");
        match self.next() {
            Some(Token::String(text)) => Ok(Expression::String(text)),
            // A bare number is what its digits say.
            Some(Token::Name(text)) if text.starts_with(|c: char| c.is_ascii_digit()) => {
                Ok(Expression::String(text))
            }
            Some(Token::Mark('[')) => {
                let mut items = Vec::new();
                loop {
                    self.skip_newlines();
                    match self.next() {
                        Some(Token::Mark(']')) => return Ok(Expression::List(items)),
                        Some(Token::String(text)) => items.push(text),
                        _ => return Err(expected()),
                    }
                    self.skip_newlines();
                    match self.next() {
                        Some(Token::Mark(']')) => return Ok(Expression::List(items)),
                        Some(Token::Mark(',')) => {}
                        _ => return Err(problem(line, "The list's items are separated by commas.")),
                    }
                }
            }
            _ => Err(expected()),
        }
    }
}
