//! Text whose extent must be known before anybody draws it: widths, wrapping,
//! shortening, and what XML and Markdown need escaped.
//!
//! The reader's fonts are unknown. Widths are those of DejaVu Sans, in thousandths
//! of the size: the widest of the common sans-serif fonts, so that what fits by them
//! fits everywhere.

const REGULAR: [u16; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636,
    636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295,
    295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838,
    500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521,
    392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];

const BOLD: [u16; 95] = [
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696, 696, 696,
    696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 372,
    372, 775, 637, 995, 837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838,
    500, 500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595,
    478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
];

/// The width of a text in pixels, rounded up.
pub(super) fn width(text: &str, size: i32, bold: bool) -> i32 {
    let table = if bold { &BOLD } else { &REGULAR };
    let sum: i64 = text
        .chars()
        .map(|c| match c {
            ' '..='~' => i64::from(table[c as usize - 32]),
            '·' => 380,
            '–' => 523,
            // Unknown: nothing in these fonts is wider than an em.
            _ => 1000,
        })
        .sum();
    ((sum * i64::from(size) + 999) / 1000) as i32
}

/// The text, or as much of its ends as fits, with an ellipsis between: the ends of
/// names and hosts tell more than their middles.
pub(super) fn shorten(text: &str, size: i32, bold: bool, max: i32) -> String {
    if width(text, size, bold) <= max {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let mut keep = chars.len().saturating_sub(1);
    while keep > 1 {
        let (head, tail) = (keep.div_ceil(2), keep / 2);
        let s: String =
            chars[..head].iter().chain(std::iter::once(&'…')).chain(&chars[chars.len() - tail..]).collect();
        if width(&s, size, bold) <= max {
            return s;
        }
        keep -= 1;
    }
    "…".to_owned()
}

/// The text in at most `rows` rows, broken at spaces and, where a word is too long for
/// a row, after its separators; what does not fit is shortened.
pub(super) fn wrap(text: &str, size: i32, max: i32, rows: usize) -> Vec<String> {
    let fits = |s: &str| width(s, size, false) <= max;
    // Pieces, and whether a space is in front of them.
    let mut pieces: Vec<(&str, bool)> = Vec::new();
    for word in text.split(' ').filter(|w| !w.is_empty()) {
        if fits(word) {
            pieces.push((word, true));
        } else {
            let parts = word.split_inclusive(['.', '/', ':', '@', '-']);
            pieces.extend(parts.enumerate().map(|(i, p)| (p, i == 0)));
        }
    }
    let mut out: Vec<String> = Vec::new();
    let mut row = String::new();
    for (piece, space) in pieces {
        let join = if space && !row.is_empty() { " " } else { "" };
        let longer = format!("{row}{join}{piece}");
        // What is too much for the last row is in it all the same, to be shortened.
        if row.is_empty() || fits(&longer) || out.len() + 1 >= rows {
            row = longer;
        } else {
            out.push(std::mem::take(&mut row));
            // A separator looks lost at the beginning of a row.
            piece.trim_start_matches('·').clone_into(&mut row);
        }
    }
    out.push(row);
    out.iter()
        .map(|r| shorten(r.trim_end_matches([' ', '·']), size, false, max))
        .filter(|r| !r.is_empty())
        .collect()
}

/// Text for XML, in elements and in attributes.
pub(super) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML has no way to write other control characters.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Text for a cell of a Markdown table.
pub(super) fn cell(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace(['\n', '\r'], " ")
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list<S: AsRef<str>>(items: &[S]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// `1 reader`, `2 readers`.
pub(super) fn count(n: u32, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// `1 h`, `90 min`, `3 days`.
pub(super) fn duration(seconds: u64) -> String {
    match seconds {
        s if s >= 172_800 && s % 86_400 == 0 => format!("{} days", s / 86_400),
        s if s >= 3_600 && s % 3_600 == 0 => format!("{} h", s / 3_600),
        s if s >= 60 && s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortened_in_the_middle() {
        assert_eq!(shorten("app.levels.example", 12, false, 200), "app.levels.example");
        let s = shorten("a-very-long-host-name.of.some.environment.levels.example", 12, false, 150);
        assert!(width(&s, 12, false) <= 150, "{s}");
        assert!(s.starts_with("a-ver") && s.ends_with("example"), "{s}");
    }

    #[test]
    fn wrapped_at_spaces() {
        let rows = wrap("one two three four five six seven eight nine ten", 12, 80, 3);
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[0], "one two");
        assert!(rows.iter().all(|r| width(r, 12, false) <= 80), "{rows:?}");
        assert_eq!(wrap("short", 12, 80, 2), ["short"]);
        assert!(wrap("", 12, 80, 2).is_empty());
        assert_eq!(wrap("api.staging.levels.example", 12, 100, 2), ["api.staging.", "levels.example"]);
    }

    #[test]
    fn numbers_for_people() {
        assert_eq!(duration(259_200), "3 days");
        assert_eq!(duration(3_600), "1 h");
        assert_eq!(duration(90), "90 s");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }
}
