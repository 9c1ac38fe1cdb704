//! Blocks of compressed data, for [`super::gzip`]: the choice of codes, and
//! writing with them.

use super::gzip::{Bits, Token};

/// The last of the 256 literals is followed by the end of the block and 29 codes
/// for lengths.
const LITERALS: usize = 286;
const END: usize = 256;
const DISTANCES: usize = 30;
/// The greatest block that can be stored as it is.
const MOST_STORED: usize = 65535;
/// The order in which the lengths of the codes of lengths are written.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// A code and its length in bits (0: not used).
type Code = (u32, u32);

/// Writes a block in the shortest of the three ways: as it is (which needs the
/// bytes), with the codes that everybody knows, or with its own.
pub(super) fn write_block(tokens: &[Token], bytes: Option<&[u8]>, out: &mut Bits) {
    let mut literals = [0u32; LITERALS];
    let mut distances = [0u32; DISTANCES];
    let mut extra = 0;
    for token in tokens {
        match token {
            Token::Literal(b) => literals[usize::from(*b)] += 1,
            Token::Repeat { len, distance } => {
                let (l, d) = (length_part(*len), distance_part(*distance));
                literals[l.symbol] += 1;
                distances[d.symbol] += 1;
                extra += l.extra_bits + d.extra_bits;
            }
        }
    }
    literals[END] += 1;
    if distances.iter().all(|n| *n == 0) {
        // There has to be a code for distances.
        distances[0] = 1;
    }
    let own = Own::new(&literals, &distances);
    let fixed = (fixed_literals(), [5; DISTANCES]);
    let fixed_size = 3 + cost(&literals, &fixed.0) + cost(&distances, &fixed.1) + extra;
    let own_size =
        own.header_size() + cost(&literals, &own.literals) + cost(&distances, &own.distances) + extra;
    let best = own_size.min(fixed_size);
    if let Some(bytes) = bytes
        && bytes.len() <= MOST_STORED
        && (bytes.len() as u32 + 5) * 8 < best
    {
        out.stored(bytes, false);
        return;
    }
    let (literals, distances) = if own_size < fixed_size {
        own.write_header(out);
        (codes(&own.literals), codes(&own.distances))
    } else {
        out.write(0b010, 3);
        (codes(&fixed.0), codes(&fixed.1))
    };
    for token in tokens {
        match token {
            Token::Literal(b) => put(literals[usize::from(*b)], out),
            Token::Repeat { len, distance } => {
                for (part, codes) in [(length_part(*len), &literals), (distance_part(*distance), &distances)]
                {
                    put(codes[part.symbol], out);
                    out.write(part.extra, part.extra_bits);
                }
            }
        }
    }
    put(literals[END], out);
}

fn put((code, len): Code, out: &mut Bits) {
    out.write(code, len);
}

/// A number as the format has it: a symbol for a range and what is above its beginning.
struct Part {
    symbol: usize,
    extra: u32,
    extra_bits: u32,
}

fn length_part(len: usize) -> Part {
    let n = len - 3;
    match n {
        255 => Part { symbol: 285, extra: 0, extra_bits: 0 },
        0..8 => Part { symbol: 257 + n, extra: 0, extra_bits: 0 },
        // Four symbols for each power of two.
        n => {
            let bits = n.ilog2() - 2;
            let symbol = 257 + 4 * (bits as usize + 1) + (n >> bits) - 4;
            Part { symbol, extra: (n & ((1 << bits) - 1)) as u32, extra_bits: bits }
        }
    }
}

fn distance_part(distance: usize) -> Part {
    let n = distance - 1;
    if n < 4 {
        return Part { symbol: n, extra: 0, extra_bits: 0 };
    }
    // Two symbols for each power of two.
    let bits = n.ilog2() - 1;
    let symbol = 2 * (bits as usize + 1) + (n >> bits) - 2;
    Part { symbol, extra: (n & ((1 << bits) - 1)) as u32, extra_bits: bits }
}

/// Two symbols that are never used have codes too.
fn fixed_literals() -> [u32; LITERALS + 2] {
    let mut out = [8; LITERALS + 2];
    out[144..256].fill(9);
    out[256..280].fill(7);
    out
}

fn cost(counts: &[u32], lens: &[u32]) -> u32 {
    counts.iter().zip(lens).map(|(n, len)| n * len).sum()
}

/// The codes that belong to lengths: shorter ones first, then by symbol. The bits
/// are in the order in which they are written.
fn codes(lens: &[u32]) -> Vec<Code> {
    let mut out = vec![(0, 0); lens.len()];
    let mut code = 0u32;
    for len in 1..=15 {
        code <<= 1;
        for (symbol, _) in lens.iter().enumerate().filter(|(_, l)| **l == len) {
            out[symbol] = (code.reverse_bits() >> (32 - len), len);
            code += 1;
        }
    }
    out
}

/// The lengths of the best codes of at most `longest` bits.
fn lengths<const N: usize>(counts: &[u32; N], longest: usize) -> [u32; N] {
    let mut out = [0; N];
    let mut symbols: Vec<usize> = (0..N).filter(|s| counts[*s] > 0).collect();
    let n = symbols.len();
    if n <= 2 {
        for s in symbols {
            out[s] = 1;
        }
        return out;
    }
    symbols.sort_by_key(|s| (counts[*s], *s));
    let weights: Vec<u32> = symbols.iter().map(|s| counts[*s]).collect();
    // Package-merge: each row has the symbols and the pairs of the row below in
    // order of weight, a pair before a symbol of the same weight.
    let depth = longest.min(n - 1);
    let mut rows: Vec<Vec<(u32, bool)>> = Vec::with_capacity(depth);
    for _ in 0..depth {
        let below = rows.last().map_or(&[][..], |r| r);
        let mut pairs = below.chunks_exact(2).map(|p| p[0].0 + p[1].0).peekable();
        let mut row = Vec::with_capacity(2 * n);
        for w in &weights {
            while let Some(pair) = pairs.next_if(|p| p <= w) {
                row.push((pair, false));
            }
            row.push((*w, true));
        }
        row.extend(pairs.map(|p| (p, false)));
        rows.push(row);
    }
    // A symbol's length is the number of rows in which it is taken; of each row
    // the lightest symbols are.
    let mut taken = 2 * n - 2;
    for row in rows.iter().rev() {
        let single = row[..taken].iter().filter(|(_, single)| *single).count();
        for s in &symbols[..single] {
            out[*s] += 1;
        }
        taken = 2 * (taken - single);
    }
    out
}

/// A block's own codes and their description.
struct Own {
    literals: [u32; LITERALS],
    distances: [u32; DISTANCES],
    /// How many of each are described.
    literal_count: usize,
    distance_count: usize,
    /// The lengths of the codes, where repetitions are symbols too: the symbol,
    /// and how often it repeats with the bits that takes.
    description: Vec<(usize, u32, u32)>,
    /// The lengths of the codes of the description.
    lengths: [u32; 19],
    /// How many of these are written.
    length_count: usize,
}

impl Own {
    fn new(literal_counts: &[u32; LITERALS], distance_counts: &[u32; DISTANCES]) -> Own {
        let used = |counts: &[u32]| counts.iter().rposition(|n| *n > 0).map_or(0, |i| i + 1);
        let (literal_count, distance_count) = (used(literal_counts), used(distance_counts));
        let (literals, distances) = (lengths(literal_counts, 15), lengths(distance_counts, 15));
        let all = [&literals[..literal_count], &distances[..distance_count]].concat();
        let description = describe(&all);
        let mut counts = [0; 19];
        for (symbol, _, _) in &description {
            counts[*symbol] += 1;
        }
        let of_lengths = lengths(&counts, 7);
        let length_count = ORDER.iter().rposition(|s| counts[*s] > 0).map_or(0, |i| i + 1).max(4);
        Own {
            literals,
            distances,
            literal_count,
            distance_count,
            description,
            lengths: of_lengths,
            length_count,
        }
    }
    fn header_size(&self) -> u32 {
        let body: u32 = self.description.iter().map(|(symbol, _, bits)| self.lengths[*symbol] + bits).sum();
        3 + 5 + 5 + 4 + 3 * self.length_count as u32 + body
    }
    fn write_header(&self, out: &mut Bits) {
        out.write(0b100, 3);
        out.write(self.literal_count as u32 - 257, 5);
        out.write(self.distance_count as u32 - 1, 5);
        out.write(self.length_count as u32 - 4, 4);
        for symbol in &ORDER[..self.length_count] {
            out.write(self.lengths[*symbol], 3);
        }
        let codes = codes(&self.lengths);
        for (symbol, repeat, bits) in &self.description {
            put(codes[*symbol], out);
            out.write(*repeat, *bits);
        }
    }
}

/// Symbol 16 repeats the last length 3 to 6 times, 17 zero 3 to 10 times, 18 zero
/// 11 to 138 times.
fn describe(lens: &[u32]) -> Vec<(usize, u32, u32)> {
    let mut out = Vec::new();
    for run in lens.chunk_by(|a, b| a == b) {
        let len = run[0] as usize;
        let mut n = run.len();
        if len > 0 {
            out.push((len, 0, 0));
            n -= 1;
            while n >= 3 {
                let repeat = n.min(6);
                out.push((16, repeat as u32 - 3, 2));
                n -= repeat;
            }
        } else {
            while n >= 11 {
                let repeat = n.min(138);
                out.push((18, repeat as u32 - 11, 7));
                n -= repeat;
            }
            if n >= 3 {
                out.push((17, n as u32 - 3, 3));
                n = 0;
            }
        }
        out.extend(std::iter::repeat_n((len, 0, 0), n));
    }
    out
}
