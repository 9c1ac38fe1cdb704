//! The part of a string's beginning that no continuation can change.

use groma_value::value::nfc;
use unicode_segmentation::UnicodeSegmentation;

/// A prefix refinement must hold byte for byte whatever text follows, but text
/// that follows may combine with the last character (a letter and an accent, say)
/// and change it. So the last grapheme cluster is left out, unless it is one of
/// the delimiters that never combine.
pub(super) fn safe_prefix(text: &str) -> String {
    let text = nfc(text);
    let Some((start, last)) = text.grapheme_indices(true).next_back() else { return String::new() };
    let mut chars = last.chars();
    let delimiter = matches!(
        (chars.next(), chars.next()),
        (
            Some(
                '-' | '_'
                    | ':'
                    | ';'
                    | '/'
                    | '\\'
                    | ','
                    | '.'
                    | '('
                    | ')'
                    | '{'
                    | '}'
                    | '['
                    | ']'
                    | '|'
                    | '?'
                    | '!'
                    | '~'
                    | ' '
                    | '\t'
                    | '@'
                    | '#'
                    | '$'
                    | '%'
                    | '^'
                    | '&'
                    | '*'
                    | '+'
                    | '"'
                    | '\''
            ),
            None
        )
    );
    if delimiter { text.to_string() } else { text[..start].to_owned() }
}

#[cfg(test)]
mod tests {
    use super::safe_prefix;

    #[test]
    fn the_last_cluster_is_left_out_unless_it_is_a_delimiter() {
        assert_eq!(safe_prefix("abc"), "ab");
        assert_eq!(safe_prefix("abc-"), "abc-");
        assert_eq!(safe_prefix("ae\u{301}"), "a");
        assert_eq!(safe_prefix("a\r\n"), "a");
        assert_eq!(safe_prefix(""), "");
    }
}
