//! Plans and objects as text for people.

pub mod plan;
pub mod value;

/// How a line changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Nothing changes.
    Same,
    /// Comes into being.
    Add,
    /// Goes away.
    Remove,
    /// Becomes another.
    Change,
    /// Is read.
    Read,
}

/// Colours, where they are on.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    /// Whether they are on.
    pub on: bool,
}

impl Paint {
    /// `text` in a style (an SGR code).
    pub fn code(self, code: &str, text: &str) -> String {
        if self.on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
    /// Bold.
    pub fn bold(self, text: &str) -> String {
        self.code("1", text)
    }
    /// Less visible than the rest.
    pub fn dim(self, text: &str) -> String {
        self.code("90", text)
    }
    /// The sign at the start of a line, one character wide.
    pub fn sign(self, s: Sign) -> String {
        match s {
            Sign::Same => " ".into(),
            Sign::Add => self.code("32", "+"),
            Sign::Remove => self.code("31", "-"),
            Sign::Change => self.code("33", "~"),
            Sign::Read => self.code("36", "<="),
        }
    }
}
