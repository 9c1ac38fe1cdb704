//! `textencodebase64` and `textdecodebase64`: texts in encodings other than UTF-8,
//! by their IANA names.

use super::Function;
use super::build::*;
use super::encoding::{from_base64, to_base64};
use encoding_rs::{Encoding, *};
use groma_value::{Type, Value};

pub(super) fn functions() -> Vec<Function> {
    let name = || param("encoding", Type::String, "The name of the encoding, such as UTF-16LE.");
    vec![
        function(
            "textencodebase64",
            "A text in an encoding, in Base64.",
            [param("string", Type::String, "The text."), name()],
            Type::String,
            |a| {
                let (name, kind) = find(text(&a[1]))?;
                match kind.encode(text(&a[0])) {
                    Some(bytes) => Ok(Value::string(to_base64(&bytes))),
                    None => fail_arg(
                        0,
                        format!("the given string contains characters that cannot be represented in {name}"),
                    ),
                }
            },
        ),
        function(
            "textdecodebase64",
            "The text that is in an encoding and in Base64.",
            [param("source", Type::String, "The Base64."), name()],
            Type::String,
            |a| {
                let (name, kind) = find(text(&a[1]))?;
                let bytes = from_base64(text(&a[0])).or_else(|at| {
                    fail_arg(0, format!("the given value is has an invalid base64 symbol at offset {at}"))
                })?;
                match kind.decode(&bytes).filter(|s| !s.contains('\u{fffd}')) {
                    Some(s) => Ok(Value::string(s)),
                    None => fail_arg(
                        0,
                        format!("the given string contains symbols that are not defined for {name}"),
                    ),
                }
            },
        ),
    ]
}

enum Kind {
    Ascii,
    Latin1,
    Utf8,
    Utf16 {
        big: bool,
        /// Whether a mark at the beginning tells the order of the bytes.
        mark: bool,
    },
    /// One of those that the Web uses.
    Web(&'static Encoding),
}

impl Kind {
    fn encode(&self, s: &str) -> Option<Vec<u8>> {
        match self {
            Kind::Utf8 => Some(s.into()),
            Kind::Ascii => s.is_ascii().then(|| s.into()),
            Kind::Latin1 => s.chars().map(|c| u8::try_from(c).ok()).collect(),
            Kind::Utf16 { big, mark } => {
                let units = mark.then_some(0xfeff).into_iter().chain(s.encode_utf16());
                Some(units.flat_map(|u| if *big { u.to_be_bytes() } else { u.to_le_bytes() }).collect())
            }
            Kind::Web(e) => {
                let (bytes, _, unmappable) = e.encode(s);
                (!unmappable).then(|| bytes.into_owned())
            }
        }
    }
    fn decode(&self, bytes: &[u8]) -> Option<String> {
        match self {
            Kind::Utf8 => String::from_utf8(bytes.into()).ok(),
            Kind::Ascii => bytes.is_ascii().then(|| bytes.iter().copied().map(char::from).collect()),
            Kind::Latin1 => Some(bytes.iter().copied().map(char::from).collect()),
            Kind::Utf16 { big, mark } => {
                let (mut big, mut bytes) = (*big, bytes);
                if let (true, [a, b, rest @ ..]) = (*mark, bytes)
                    && let (0xfe, 0xff) | (0xff, 0xfe) = (*a, *b)
                {
                    (big, bytes) = (*a == 0xfe, rest);
                }
                let (units, []) = bytes.as_chunks::<2>() else { return None };
                let unit = |u: &[u8; 2]| if big { u16::from_be_bytes(*u) } else { u16::from_le_bytes(*u) };
                String::from_utf16(&units.iter().map(unit).collect::<Vec<_>>()).ok()
            }
            Kind::Web(e) => {
                let s = e.decode_without_bom_handling_and_without_replacement(bytes)?;
                // What the Web maps to control characters is not defined elsewhere.
                let undefined = e.is_single_byte() && s.chars().any(|c| ('\u{80}'..='\u{9f}').contains(&c));
                (!undefined || ISO.contains(e)).then(|| s.into_owned())
            }
        }
    }
}

/// Encodings in which the bytes from 80 to 9F are control characters.
const ISO: [&Encoding; 11] = [
    ISO_8859_2,
    ISO_8859_3,
    ISO_8859_4,
    ISO_8859_5,
    ISO_8859_6,
    ISO_8859_7,
    ISO_8859_8,
    ISO_8859_10,
    ISO_8859_13,
    ISO_8859_14,
    ISO_8859_16,
];

/// The registered name, separated by spaces its aliases, and the encoding.
fn table() -> Vec<(&'static str, Kind)> {
    use Kind::Web;
    vec![
        (
            "US-ASCII iso-ir-6 ANSI_X3.4-1968 ANSI_X3.4-1986 ISO_646.irv:1991 ISO646-US us IBM367 cp367 csASCII",
            Kind::Ascii,
        ),
        ("ISO_8859-1:1987 ISO-8859-1 iso-ir-100 ISO_8859-1 latin1 l1 IBM819 CP819 csISOLatin1", Kind::Latin1),
        ("UTF-8 csUTF8", Kind::Utf8),
        ("UTF-16 csUTF16", Kind::Utf16 { big: true, mark: true }),
        ("UTF-16BE csUTF16BE", Kind::Utf16 { big: true, mark: false }),
        ("UTF-16LE csUTF16LE", Kind::Utf16 { big: false, mark: false }),
        ("ISO_8859-2:1987 ISO-8859-2 iso-ir-101 ISO_8859-2 latin2 l2 csISOLatin2", Web(ISO_8859_2)),
        ("ISO_8859-3:1988 ISO-8859-3 iso-ir-109 ISO_8859-3 latin3 l3 csISOLatin3", Web(ISO_8859_3)),
        ("ISO_8859-4:1988 ISO-8859-4 iso-ir-110 ISO_8859-4 latin4 l4 csISOLatin4", Web(ISO_8859_4)),
        ("ISO_8859-5:1988 ISO-8859-5 iso-ir-144 ISO_8859-5 cyrillic csISOLatinCyrillic", Web(ISO_8859_5)),
        (
            "ISO_8859-6:1987 ISO-8859-6 iso-ir-127 ISO_8859-6 ECMA-114 ASMO-708 arabic csISOLatinArabic",
            Web(ISO_8859_6),
        ),
        ("ISO_8859-6-E ISO-8859-6-E csISO88596E", Web(ISO_8859_6)),
        ("ISO_8859-6-I ISO-8859-6-I csISO88596I", Web(ISO_8859_6)),
        (
            "ISO_8859-7:1987 ISO-8859-7 iso-ir-126 ISO_8859-7 ELOT_928 ECMA-118 greek greek8 csISOLatinGreek",
            Web(ISO_8859_7),
        ),
        ("ISO_8859-8:1988 ISO-8859-8 iso-ir-138 ISO_8859-8 hebrew csISOLatinHebrew", Web(ISO_8859_8)),
        ("ISO_8859-8-E ISO-8859-8-E csISO88598E", Web(ISO_8859_8)),
        ("ISO_8859-8-I ISO-8859-8-I csISO88598I", Web(ISO_8859_8_I)),
        ("ISO-8859-10 iso-ir-157 l6 ISO_8859-10:1992 csISOLatin6 latin6", Web(ISO_8859_10)),
        ("ISO-8859-13 csISO885913", Web(ISO_8859_13)),
        (
            "ISO-8859-14 iso-ir-199 ISO_8859-14:1998 ISO_8859-14 latin8 iso-celtic l8 csISO885914",
            Web(ISO_8859_14),
        ),
        ("ISO-8859-15 ISO_8859-15 Latin-9 csISO885915", Web(ISO_8859_15)),
        ("ISO-8859-16 iso-ir-226 ISO_8859-16:2001 ISO_8859-16 latin10 l10 csISO885916", Web(ISO_8859_16)),
        ("KOI8-R csKOI8R", Web(KOI8_R)),
        ("KOI8-U csKOI8U", Web(KOI8_U)),
        ("IBM866 cp866 866 csIBM866", Web(IBM866)),
        ("macintosh mac csMacintosh", Web(MACINTOSH)),
        ("windows-874 cswindows874", Web(WINDOWS_874)),
        ("windows-1250 cswindows1250", Web(WINDOWS_1250)),
        ("windows-1251 cswindows1251", Web(WINDOWS_1251)),
        ("windows-1252 cswindows1252", Web(WINDOWS_1252)),
        ("windows-1253 cswindows1253", Web(WINDOWS_1253)),
        ("windows-1254 cswindows1254", Web(WINDOWS_1254)),
        ("windows-1255 cswindows1255", Web(WINDOWS_1255)),
        ("windows-1256 cswindows1256", Web(WINDOWS_1256)),
        ("windows-1257 cswindows1257", Web(WINDOWS_1257)),
        ("windows-1258 cswindows1258", Web(WINDOWS_1258)),
        ("Shift_JIS MS_Kanji csShiftJIS", Web(SHIFT_JIS)),
        ("Extended_UNIX_Code_Packed_Format_for_Japanese csEUCPkdFmtJapanese EUC-JP", Web(EUC_JP)),
        ("ISO-2022-JP csISO2022JP", Web(ISO_2022_JP)),
        ("EUC-KR csEUCKR", Web(EUC_KR)),
        ("GBK CP936 MS936 windows-936 csGBK", Web(GBK)),
        ("GB18030 csGB18030", Web(GB18030)),
        ("Big5 csBig5", Web(BIG5)),
    ]
}

/// The registered name of an encoding, whichever of its names is given.
fn find(name: &str) -> Res<(&'static str, Kind)> {
    let found = table().into_iter().find_map(|(names, kind)| {
        let main = names.split(' ').next()?;
        names.split(' ').any(|n| n.eq_ignore_ascii_case(name)).then_some((main, kind))
    });
    found.map_or_else(
        || {
            fail_arg(
                1,
                format!("{} is not a supported IANA encoding name or alias in this version", quote(name)),
            )
        },
        Ok,
    )
}
