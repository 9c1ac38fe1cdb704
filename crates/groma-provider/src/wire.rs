//! Walking an encoded protobuf message without decoding it.

use std::ops::Range;

/// A field of a message: its number and, where it is length-delimited (a string, bytes or a
/// message), the range of its content.
#[derive(Debug, PartialEq)]
pub(crate) struct Field {
    pub number: u32,
    pub content: Option<Range<usize>>,
}

/// The fields of the message at `range` in `data`, in order.
pub(crate) struct Fields<'a> {
    data: &'a [u8],
    at: usize,
    end: usize,
}

/// The message is not well-formed.
#[derive(Debug, PartialEq)]
pub(crate) struct Malformed;

impl<'a> Fields<'a> {
    pub(crate) fn new(data: &'a [u8], range: Range<usize>) -> Self {
        Fields { data, at: range.start, end: range.end.min(data.len()) }
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.data[..self.end].get(self.at).ok_or(Malformed)?;
            self.at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    fn skip(&mut self, length: u64) -> Result<Range<usize>, Malformed> {
        let length = usize::try_from(length).map_err(|_| Malformed)?;
        let end = self.at.checked_add(length).filter(|end| *end <= self.end).ok_or(Malformed)?;
        let range = self.at..end;
        self.at = end;
        Ok(range)
    }

    fn read(&mut self) -> Result<Field, Malformed> {
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).map_err(|_| Malformed)?;
        let content = match tag & 7 {
            0 => {
                self.varint()?;
                None
            }
            1 => {
                self.skip(8)?;
                None
            }
            2 => {
                let length = self.varint()?;
                Some(self.skip(length)?)
            }
            5 => {
                self.skip(4)?;
                None
            }
            _ => return Err(Malformed),
        };
        Ok(Field { number, content })
    }
}

impl Iterator for Fields<'_> {
    type Item = Result<Field, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let field = self.read();
        if field.is_err() {
            self.at = self.end;
        }
        Some(field)
    }
}

/// The key and the range of the value of an entry of a map from strings to messages. A missing
/// value is the empty message.
pub(crate) fn map_entry(data: &[u8], range: Range<usize>) -> Result<(&str, Range<usize>), Malformed> {
    let (mut key, mut value) = ("", range.start..range.start);
    for field in Fields::new(data, range) {
        match field? {
            Field { number: 1, content: Some(content) } => {
                key = std::str::from_utf8(&data[content]).map_err(|_| Malformed)?;
            }
            Field { number: 2, content: Some(content) } => value = content,
            _ => {}
        }
    }
    Ok((key, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::UpgradeStateRequest;
    use prost::Message;

    #[test]
    fn finds_fields_and_map_entries() {
        let message = UpgradeStateRequest { type_name: "ab".into(), version: 300, raw_state: None };
        let data = message.encode_to_vec();
        let fields: Vec<_> = Fields::new(&data, 0..data.len()).map(Result::unwrap).collect();
        assert_eq!(fields[0], Field { number: 1, content: Some(2..4) });
        assert_eq!(fields[1], Field { number: 2, content: None });

        let data = [0x0a, 3, 0x0a, 1, b'f'];
        let entry = Fields::new(&data, 0..data.len()).next().unwrap().unwrap();
        let (key, value) = map_entry(&data, entry.content.unwrap()).unwrap();
        assert_eq!((key, value.len()), ("f", 0));
    }

    #[test]
    fn truncation_is_an_error_and_ends_the_walk() {
        let data = [0x0a, 0x05, b'x'];
        let fields: Vec<_> = Fields::new(&data, 0..data.len()).collect();
        assert_eq!(fields, [Err(Malformed)]);
        assert_eq!(Fields::new(&[0xff; 12], 0..12).next(), Some(Err(Malformed)));
    }
}
