//! Indentation, and alignment of consecutive lines.
//!
//! A line has up to three cells: what comes first, `= value` if the value ends in
//! the same line, and a comment. The cells of consecutive lines are aligned.

use super::Piece;
use super::Tok;
use super::spacing::blank_after;
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

struct Line {
    lead: Range<usize>,
    assign: Range<usize>,
    comment: Range<usize>,
}

/// Sets the blanks before all pieces.
pub(super) fn layout(pieces: &mut [Piece<'_>]) {
    let lines = split(pieces);
    indent(pieces, &lines);
    for line in &lines {
        space(pieces, line.lead.clone());
        if !line.assign.is_empty() {
            pieces[line.assign.start].blanks = 1;
            space(pieces, line.assign.clone());
        }
    }
    align(pieces, &lines, |l| &l.assign, |pieces, l| width(&pieces[l.lead.clone()]));
    align(
        pieces,
        &lines,
        |l| &l.comment,
        |pieces, l| width(&pieces[l.lead.clone()]) + width(&pieces[l.assign.clone()]),
    );
}

fn split(pieces: &[Piece<'_>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for end in 1..=pieces.len() {
        if pieces[end - 1].ends_line() || end == pieces.len() {
            lines.push(cells(pieces, start..end));
            start = end;
        }
    }
    lines
}

fn cells(pieces: &[Piece<'_>], all: Range<usize>) -> Line {
    let mut lead = all.clone();
    let mut comment = all.end..all.end;
    if lead.len() > 1 && pieces[all.end - 1].kind == Tok::Comment {
        comment = all.end - 1..all.end;
        lead.end = comment.start;
    }
    let mut assign = lead.end..lead.end;
    if let Some(i) = pieces[lead.clone()].iter().skip(1).position(|p| p.kind == Tok::Equal) {
        let equal = lead.start + 1 + i;
        let open: isize = pieces[equal..lead.end].iter().map(Piece::bracket_change).sum();
        // A value that goes on in the next line is not aligned.
        if open == 0 {
            assign = equal..lead.end;
            lead.end = equal;
        }
    }
    Line { lead, assign, comment }
}

/// A line that opens more brackets than it closes indents what follows by one
/// step, however many these are; the line that closes them takes the step back.
fn indent(pieces: &mut [Piece<'_>], lines: &[Line]) {
    let mut steps: Vec<isize> = Vec::new();
    for line in lines {
        let Some(first) = pieces[line.lead.clone()].first() else { continue };
        if first.kind == Tok::Newline {
            pieces[line.lead.start].blanks = 0;
            continue;
        }
        // What opens in a heredoc is not counted, though what closes in a later line of it is.
        let counted = pieces[line.lead.start..line.assign.end].iter().take_while(|p| p.kind != Tok::OHeredoc);
        let change: isize = counted.map(Piece::bracket_change).sum();
        if change < 0 {
            let mut closed = -change;
            while closed > 0 {
                let Some(open) = steps.last_mut() else { break };
                if closed < *open {
                    *open -= closed;
                    break;
                }
                closed -= *open;
                steps.pop();
            }
        }
        pieces[line.lead.start].blanks = 2 * steps.len();
        if change > 0 {
            steps.push(change);
        }
    }
}

fn space(pieces: &mut [Piece<'_>], cell: Range<usize>) {
    for i in cell.start + 1..cell.end {
        let before = (i >= cell.start + 2).then(|| &pieces[i - 2]);
        pieces[i].blanks = usize::from(blank_after(before, &pieces[i - 1], &pieces[i]));
    }
}

/// Puts the cells of consecutive lines that have them one blank after the widest
/// of what is before them.
fn align(
    pieces: &mut [Piece<'_>],
    lines: &[Line],
    cell: impl Fn(&Line) -> &Range<usize>,
    before: impl Fn(&[Piece<'_>], &Line) -> usize,
) {
    let mut widths = Vec::new();
    let mut start = 0;
    for i in 0..=lines.len() {
        if let Some(line) = lines.get(i).filter(|l| !cell(l).is_empty()) {
            widths.push(before(pieces, line));
            continue;
        }
        let widest = widths.iter().copied().max().unwrap_or(0);
        for (line, width) in lines[start..i].iter().zip(widths.drain(..)) {
            pieces[cell(line).start].blanks = widest - width + 1;
        }
        start = i + 1;
    }
}

fn width(pieces: &[Piece<'_>]) -> usize {
    pieces.iter().map(|p| p.blanks + columns(&p.text)).sum()
}

fn columns(text: &str) -> usize {
    if text.is_ascii() && !text.contains('\r') { text.len() } else { text.graphemes(true).count() }
}
