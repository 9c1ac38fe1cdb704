//! Compression for `base64gzip`, byte for byte as Terraform compresses.
//!
//! The result is an argument of resources (user data of instances, for example),
//! so other bytes for the same text would be a change of these resources. That
//! the compressed text is the same requires the same choices where the format
//! leaves some: which earlier occurrence is referred to, when one is given up
//! for a longer one a byte later, where blocks end, which codes they use. They
//! are those of the compressor that Terraform is built with, at its level 6.

use super::huffman::write_block;

/// How far back a reference may lead.
const WINDOW: usize = 1 << 15;
/// Shorter repetitions are not referred to, although the format could.
const SHORTEST: usize = 4;
const LONGEST: usize = 258;
/// Elements of a block.
const BLOCK: usize = 1 << 14;
/// A repetition this long is not given up for a longer one.
const LAZY: usize = 16;
/// A repetition this long is not compared with others.
const NICE: usize = 128;
/// How many earlier occurrences are tried.
const TRIES: usize = 128;
/// A shortest repetition is not worth more distance than this.
const NEAR: usize = 4096;
const HASH_BITS: u32 = 17;

/// What compressed data consists of.
#[derive(Clone, Copy)]
pub(super) enum Token {
    Literal(u8),
    Repeat {
        /// 4 to 258
        len: usize,
        /// 1 to 32768
        distance: usize,
    },
}

/// A gzip stream without name and time.
pub(super) fn compress(data: &[u8]) -> Vec<u8> {
    let mut out = Bits { bytes: vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff], pending: 0, count: 0 };
    Deflate::new(data).run(&mut out);
    // The stream is flushed before it is closed, each of which writes an empty block.
    out.stored(&[], false);
    out.stored(&[], true);
    let mut crc = flate2::Crc::new();
    crc.update(data);
    out.bytes.extend(crc.sum().to_le_bytes());
    out.bytes.extend((data.len() as u32).to_le_bytes());
    out.bytes
}

/// Bits, the lowest of each byte first.
pub(super) struct Bits {
    bytes: Vec<u8>,
    pending: u64,
    count: u32,
}

impl Bits {
    /// The lowest `count` (at most 32) bits of `bits`.
    pub(super) fn write(&mut self, bits: u32, count: u32) {
        self.pending |= u64::from(bits) << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.pending as u8);
            self.pending >>= 8;
            self.count -= 8;
        }
    }
    /// A block of bytes as they are.
    pub(super) fn stored(&mut self, bytes: &[u8], last: bool) {
        self.write(last.into(), 3);
        if self.count > 0 {
            self.write(0, 8 - self.count);
        }
        let len = bytes.len() as u16;
        self.bytes.extend(len.to_le_bytes());
        self.bytes.extend((!len).to_le_bytes());
        self.bytes.extend(bytes);
    }
}

struct Deflate<'a> {
    data: &'a [u8],
    /// The position after the last occurrence with each hash; 0 for none.
    heads: Vec<u32>,
    /// For a position in the window, the one before it with the same hash.
    previous: Vec<u32>,
    /// Nothing before is referred to. The compressor keeps data in a buffer of
    /// two windows and drops one when the buffer has been read.
    base: usize,
    /// The end of the data in the buffer.
    end: usize,
    at: usize,
    /// The last value of `heads` that was looked up.
    candidate: u32,
    /// Where the block began; `None` if the buffer does not hold that any more.
    block: Option<usize>,
    tokens: Vec<Token>,
}

impl<'a> Deflate<'a> {
    fn new(data: &'a [u8]) -> Deflate<'a> {
        Deflate {
            data,
            heads: vec![0; 1 << HASH_BITS],
            previous: vec![0; WINDOW],
            base: 0,
            end: data.len().min(2 * WINDOW),
            at: 0,
            candidate: 0,
            block: Some(0),
            tokens: Vec::new(),
        }
    }

    fn run(mut self, out: &mut Bits) {
        // The repetition found at the position before, shorter than any for none.
        let (mut len, mut distance) = (SHORTEST - 1, 0);
        // Whether the byte before has not become a token yet.
        let mut waiting = false;
        loop {
            self.refill();
            let ahead = self.end - self.at;
            if ahead == 0 {
                break;
            }
            if let Some(last) = self.insert(self.at) {
                self.candidate = last;
            }
            let (last_len, last_distance) = (len, distance);
            (len, distance) = (SHORTEST - 1, 0);
            if ahead > last_len
                && last_len < LAZY
                && let Some(found) = self.longest(ahead)
            {
                (len, distance) = found;
            }
            if last_len >= SHORTEST && len <= last_len {
                // The one before is not worse, so it is taken.
                self.tokens.push(Token::Repeat { len: last_len, distance: last_distance });
                let next = self.at + last_len - 1;
                self.at += 1;
                while self.at < next {
                    self.insert(self.at);
                    self.at += 1;
                }
                waiting = false;
                len = SHORTEST - 1;
                self.end_full_block(self.at, out);
            } else {
                if waiting {
                    self.tokens.push(Token::Literal(self.data[self.at - 1]));
                    self.end_full_block(self.at, out);
                }
                self.at += 1;
                waiting = true;
            }
        }
        if waiting {
            self.tokens.push(Token::Literal(self.data[self.at - 1]));
        }
        if !self.tokens.is_empty() {
            self.end_block(self.at, out);
        }
    }

    /// Drops a window and reads another when too little is ahead for the longest
    /// repetition.
    fn refill(&mut self) {
        if self.end - self.at >= SHORTEST + LONGEST || self.end == self.data.len() {
            return;
        }
        self.block = self.block.filter(|b| *b >= self.base + WINDOW);
        self.base += WINDOW;
        self.end = self.data.len().min(self.base + 2 * WINDOW);
    }

    /// Notes the occurrence at a position, and gives the one before with its hash.
    fn insert(&mut self, at: usize) -> Option<u32> {
        if at + SHORTEST > self.end {
            return None;
        }
        let word =
            u32::from_be_bytes([self.data[at], self.data[at + 1], self.data[at + 2], self.data[at + 3]]);
        let head = &mut self.heads[(word.wrapping_mul(0x1e35_a7bd) >> (32 - HASH_BITS)) as usize];
        let last = *head;
        self.previous[at % WINDOW] = last;
        *head = at as u32 + 1;
        Some(last)
    }

    /// The longest repetition at the position, with its distance.
    fn longest(&self, ahead: usize) -> Option<(usize, usize)> {
        let here = &self.data[self.at..self.at + ahead.min(LONGEST)];
        let nice = here.len().min(NICE);
        let oldest = self.base.max(self.at.saturating_sub(WINDOW));
        let mut best = None;
        let mut len = SHORTEST - 1;
        let mut next = self.candidate;
        for _ in 0..TRIES {
            let Some(i) = (next as usize).checked_sub(1).filter(|i| *i >= oldest) else { break };
            if self.data[i + len] == here[len] {
                let n = self.data[i..].iter().zip(here).take_while(|(a, b)| a == b).count();
                if n > len && (n > SHORTEST || self.at - i <= NEAR) {
                    len = n;
                    best = Some((n, self.at - i));
                    if n >= nice {
                        break;
                    }
                }
            }
            if i + WINDOW == self.at {
                // What was before it has been overwritten.
                break;
            }
            next = self.previous[i % WINDOW];
        }
        best
    }

    fn end_full_block(&mut self, end: usize, out: &mut Bits) {
        if self.tokens.len() == BLOCK {
            self.end_block(end, out);
        }
    }
    fn end_block(&mut self, end: usize, out: &mut Bits) {
        let bytes = self.block.map(|start| &self.data[start..end]);
        write_block(&self.tokens, bytes, out);
        self.block = Some(end);
        self.tokens.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    /// Text that repeats itself in part.
    fn sample(len: usize) -> Vec<u8> {
        let mut n = 12345u32;
        let mut out = Vec::with_capacity(len);
        while out.len() < len {
            n = n.wrapping_mul(1_103_515_245).wrapping_add(12345);
            let word = (n >> 16) % 500;
            out.extend(format!("{word:x}{} ", "ab".repeat((word % 7) as usize)).bytes());
        }
        out.truncate(len);
        out
    }

    #[test]
    fn comes_back() {
        for len in [0, 1, 2, 3, 4, 5, 100, 1000, 32768, 65273, 65274, 65275, 65536, 65537, 200_000] {
            let mut random = 1u32;
            let noise: Vec<u8> = (0..len)
                .map(|_| {
                    random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (random >> 24) as u8
                })
                .collect();
            for data in [sample(len), vec![b'a'; len], noise] {
                let mut back = Vec::new();
                flate2::read::GzDecoder::new(&*compress(&data)).read_to_end(&mut back).unwrap();
                assert!(back == data, "{len}");
            }
        }
    }
}
