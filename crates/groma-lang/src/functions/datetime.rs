//! Points in time, written as RFC 3339 says.

use super::build::*;
use super::{Function, FunctionContext};
use groma_value::{Type, Value};
use std::time::{SystemTime, UNIX_EPOCH};

pub(super) fn functions() -> Vec<Function> {
    vec![
        function(
            "formatdate",
            "A timestamp in another form.",
            [
                param("format", Type::String, "The form, such as YYYY-MM-DD."),
                param("time", Type::String, "The timestamp."),
            ],
            Type::String,
            |a| {
                let t = parse_strict(text(&a[1])).or_else(|e| fail_arg(1, e))?;
                Ok(Value::string(format(text(&a[0]), &t).or_else(|e| fail_arg(0, e))?))
            },
        ),
        function(
            "timeadd",
            "A timestamp and a duration added.",
            [
                param("timestamp", Type::String, "The timestamp."),
                param("duration", Type::String, "The duration, such as 1h30m; may be negative."),
            ],
            Type::String,
            |a| {
                let t = parse_strict(text(&a[0])).or_else(fail)?;
                let d = parse_duration(text(&a[1])).or_else(fail)?;
                Ok(Value::string(t.plus(d).rfc3339()))
            },
        )
        .nullable(),
        function(
            "timecmp",
            "Which of two timestamps is earlier: -1 for the first, 1 for the second, 0 if they are equal.",
            [
                param("timestamp_a", Type::String, "A timestamp."),
                param("timestamp_b", Type::String, "Another timestamp."),
            ],
            Type::Number,
            |a| {
                let x = parse(text(&a[0])).or_else(|e| fail_arg(0, e))?;
                let y = parse(text(&a[1])).or_else(|e| fail_arg(1, e))?;
                Ok(Value::int(x.instant().cmp(&y.instant()) as i64))
            },
        ),
    ]
}

/// The functions that tell what time it is.
pub(super) fn clock(ctx: &FunctionContext) -> Vec<Function> {
    let (apply, plan) = (ctx.apply, ctx.plan_timestamp.clone());
    vec![
        function("timestamp", "The current time.", [], Type::String, move |_| {
            Ok(if apply { Value::string(Time::now().rfc3339()) } else { Value::unknown(Type::String) })
        }),
        function("plantimestamp", "When the plan was made.", [], Type::String, move |_| {
            Ok(plan.as_ref().map_or_else(|| Value::unknown(Type::String), Value::string))
        }),
    ]
}

/// A point in time as a local time and its offset from UTC.
#[derive(Clone, Copy)]
struct Time {
    /// Seconds of the local time since 1970-01-01T00:00:00 of that place.
    local: i64,
    nanos: i64,
    /// Seconds east of UTC.
    offset: i64,
}

const DAY: i64 = 86_400;
const SECOND: i64 = 1_000_000_000;

/// Days from 1970-01-01 to a day of the (proleptic) Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    // Years are taken to begin in March, which puts leap days at their end.
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The reverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let m = (5 * of_year + 2) / 153;
    let day = of_year - (153 * m + 2) / 5 + 1;
    let month = if m < 10 { m + 3 } else { m - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

fn days_in(month: i64, year: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Time {
    fn now() -> Time {
        let secs = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        Time { local: secs as i64, nanos: 0, offset: 0 }
    }
    fn date(&self) -> (i64, i64, i64) {
        civil_from_days(self.local.div_euclid(DAY))
    }
    fn hour(&self) -> i64 {
        self.local.rem_euclid(DAY) / 3600
    }
    fn minute(&self) -> i64 {
        self.local.rem_euclid(3600) / 60
    }
    fn second(&self) -> i64 {
        self.local.rem_euclid(60)
    }
    /// Orders points in time.
    fn instant(&self) -> (i64, i64) {
        (self.local - self.offset, self.nanos)
    }
    fn plus(&self, nanos: i64) -> Time {
        let sum = self.nanos + nanos % SECOND;
        Time {
            local: self.local + nanos / SECOND + sum.div_euclid(SECOND),
            nanos: sum.rem_euclid(SECOND),
            offset: self.offset,
        }
    }
    /// `+02:30`, or without the colon.
    fn offset_text(&self, colon: &str) -> String {
        let minutes = (self.offset / 60).abs();
        let sign = if self.offset < 0 { '-' } else { '+' };
        format!("{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60)
    }
    fn zone_text(&self) -> String {
        if self.offset == 0 { "Z".into() } else { self.offset_text(":") }
    }
    /// To the second.
    fn rfc3339(&self) -> String {
        let (y, m, d) = self.date();
        let (h, min, s) = (self.hour(), self.minute(), self.second());
        format!("{y:04}-{m:02}-{d:02}T{h:02}:{min:02}:{s:02}{}", self.zone_text())
    }
}

fn invalid(what: impl std::fmt::Display) -> String {
    format!("not a valid RFC3339 timestamp: {what}")
}

/// What is wrong about `part` where `what` should be.
fn bad_part(what: &str, part: &str) -> String {
    if part.is_empty() {
        return invalid(format_args!("end of string before {what}"));
    }
    invalid(match what {
        "hour" if part.contains(':') => "hour must be between 0 and 23 inclusive".to_owned(),
        "hour" | "minute" if part.len() != 2 => format!("{what} must have exactly two digits"),
        _ => format!("cannot use {} as {what}", quote(part)),
    })
}

/// Reads a timestamp from its beginning.
struct Scan<'a>(&'a str);

impl<'a> Scan<'a> {
    fn digit(&self, i: usize) -> Option<i64> {
        self.0.as_bytes().get(i).filter(|b| b.is_ascii_digit()).map(|b| i64::from(b - b'0'))
    }
    fn literal(&mut self, c: char) -> Result<(), String> {
        if let Some(rest) = self.0.strip_prefix(c) {
            self.0 = rest;
            return Ok(());
        }
        Err(match (c, self.0) {
            ('T', _) => invalid("missing required time introducer 'T'"),
            (_, "") => invalid(format_args!("end of string where \"{c}\" is expected")),
            (_, rest) => invalid(format_args!("found {} where \"{c}\" is expected", quote(rest))),
        })
    }
    /// Two digits in a range. What the messages show is the rest before the
    /// digits if they are none, after them if the range is left.
    fn two(
        &mut self,
        what: &str,
        range: std::ops::RangeInclusive<i64>,
        one_is_enough: bool,
    ) -> Result<i64, String> {
        let (n, len) = match (self.digit(0), self.digit(1)) {
            (Some(a), Some(b)) => (10 * a + b, 2),
            (Some(a), None) if one_is_enough => (a, 1),
            _ => return Err(bad_part(what, self.0)),
        };
        self.0 = &self.0[len..];
        if range.contains(&n) { Ok(n) } else { Err(bad_part(what, self.0)) }
    }
}

/// Accepts what is nearly RFC 3339: an hour of one digit, a comma before
/// fractions, offsets of 24 hours or 60 minutes.
fn parse(s: &str) -> Result<Time, String> {
    let mut scan = Scan(s);
    let mut year = 0;
    for i in 0..4 {
        year = 10 * year + scan.digit(i).ok_or_else(|| bad_part("year", s))?;
    }
    scan.0 = &s[4..];
    scan.literal('-')?;
    let month = scan.two("month", 1..=12, false)?;
    scan.literal('-')?;
    let day = scan.two("day of month", 0..=99, false)?;
    scan.literal('T')?;
    let hour = scan.two("hour", 0..=23, true)?;
    scan.literal(':')?;
    let minute = scan.two("minute", 0..=59, false)?;
    scan.literal(':')?;
    let second = scan.two("second", 0..=59, false)?;
    let mut nanos = 0;
    if scan.0.starts_with(['.', ',']) && scan.digit(1).is_some() {
        let digits = scan.0[1..].bytes().take_while(u8::is_ascii_digit).count();
        for i in 0..9 {
            nanos = 10 * nanos + if i < digits { scan.digit(1 + i).unwrap_or(0) } else { 0 };
        }
        scan.0 = &scan.0[1 + digits..];
    }
    let mut offset = 0;
    if let Some(rest) = scan.0.strip_prefix('Z') {
        scan.0 = rest;
    } else {
        let zone = scan.0;
        let bad = || bad_part("UTC offset", zone);
        let sign = match zone.as_bytes() {
            [b'+', ..] => 1,
            [b'-', ..] => -1,
            _ => return Err(bad()),
        };
        let digit = |i| scan.digit(i);
        let (Some(a), Some(b), Some(c), Some(d)) = (digit(1), digit(2), digit(4), digit(5)) else {
            return Err(bad());
        };
        if zone.as_bytes()[3] != b':' {
            return Err(bad());
        }
        scan.0 = &zone[6..];
        if 10 * a + b > 24 || 10 * c + d > 60 {
            return Err(bad_part("UTC offset", scan.0));
        }
        offset = sign * ((10 * a + b) * 3600 + (10 * c + d) * 60);
    }
    if !scan.0.is_empty() {
        return Err(bad_part("timestamp segment", scan.0));
    }
    if day < 1 || day > days_in(month, year) {
        return Err(invalid("day out of range"));
    }
    let local = days_from_civil(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
    Ok(Time { local, nanos, offset })
}

/// Accepts RFC 3339 only.
fn parse_strict(s: &str) -> Result<Time, String> {
    let t = parse(s)?;
    // `parse` has found a timestamp, so all of these bytes are there and ASCII.
    let bytes = s.as_bytes();
    if bytes[12] == b':' {
        return Err(bad_part("hour", &s[11..12]));
    }
    if bytes[19] == b',' {
        return Err(bad_part("timestamp segment", ","));
    }
    if !s.ends_with('Z') {
        let zone = &s[s.len() - 6..];
        if &zone[1..3] >= "24" || &zone[4..] >= "60" {
            return Err(bad_part("UTC offset", zone));
        }
    }
    Ok(t)
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

fn format(spec: &str, t: &Time) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = spec;
    while let Some(c) = rest.chars().next() {
        if c == '\'' {
            rest = literal(rest, &mut out)?;
        } else if c.is_ascii_alphabetic() {
            let len = rest.bytes().take_while(|b| *b == c as u8).count();
            let (verb, after) = rest.split_at(len);
            out.push_str(&format_verb(verb, t)?);
            rest = after;
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    Ok(out)
}

/// Copies a quoted literal; two quotes stand for one. Gives the rest.
fn literal<'a>(s: &'a str, out: &mut String) -> Result<&'a str, String> {
    if let Some(rest) = s.strip_prefix("''") {
        out.push('\'');
        return Ok(rest);
    }
    let mut rest = &s[1..];
    loop {
        let Some((part, after)) = rest.split_once('\'') else {
            return Err("unterminated literal '".into());
        };
        out.push_str(part);
        match after.strip_prefix('\'') {
            Some(after) => {
                out.push('\'');
                rest = after;
            }
            None => return Ok(after),
        }
    }
}

fn format_verb(verb: &str, t: &Time) -> Result<String, String> {
    let (year, month, day) = t.date();
    let wrong = |what: &str| {
        let colon = if what.is_empty() { "" } else { ": " };
        Err(format!("invalid date format verb {}{colon}{what}", quote(verb)))
    };
    let number = |n: i64, what: &str| match verb.len() {
        1 => Ok(n.to_string()),
        2 => Ok(format!("{n:02}")),
        _ => {
            let c = &verb[..1];
            wrong(&format!("{what} must either be \"{c}\" or \"{c}{c}\""))
        }
    };
    let month_name = MONTHS[(month - 1) as usize];
    let weekday = WEEKDAYS[t.local.div_euclid(DAY).rem_euclid(7) as usize];
    match (verb.as_bytes()[0], verb.len()) {
        (b'Y', 2) => Ok(format!("{:02}", year % 100)),
        (b'Y', 4) => Ok(format!("{year:04}")),
        (b'Y', _) => wrong("year must either be \"YY\" or \"YYYY\""),
        (b'M', 1 | 2) => number(month, "month"),
        (b'M', 3) => Ok(month_name[..3].into()),
        (b'M', 4) => Ok(month_name.into()),
        (b'M', _) => wrong("month must be \"M\", \"MM\", \"MMM\", or \"MMMM\""),
        (b'D', _) => number(day, "day of month"),
        (b'E', 3) => Ok(weekday[..3].into()),
        (b'E', 4) => Ok(weekday.into()),
        (b'E', _) => wrong("day of week must either be \"EEE\" or \"EEEE\""),
        (b'h', _) => number(t.hour(), "24-hour"),
        (b'H', _) => number(if t.hour() % 12 == 0 { 12 } else { t.hour() % 12 }, "12-hour"),
        (b'A', 2) => Ok(if t.hour() < 12 { "AM" } else { "PM" }.into()),
        (b'a', 2) => Ok(if t.hour() < 12 { "am" } else { "pm" }.into()),
        (b'A' | b'a', _) => wrong(&format!("must be \"{0}{0}\"", &verb[..1])),
        (b'm', _) => number(t.minute(), "minute"),
        (b's', _) => number(t.second(), "second"),
        (b'Z', 1) => Ok(t.zone_text()),
        (b'Z', 3) if t.offset_text("") == "+0000" => Ok("UTC".into()),
        (b'Z', 3 | 4) => Ok(t.offset_text("")),
        (b'Z', 5) => Ok(t.offset_text(":")),
        (b'Z', _) => wrong("timezone must be Z, ZZZZ, or ZZZZZ"),
        _ => wrong(""),
    }
}

/// Nanoseconds of a duration as Go writes them: `-1h30m`, `1.5s`, `0`.
///
/// # Errors
///
/// In Go's words, if it is none, or has more than an `i64` of nanoseconds.
pub fn parse_duration(s: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote_ascii(s));
    let (negative, mut rest) = match s.as_bytes().first() {
        Some(b'-') => (true, &s[1..]),
        Some(b'+') => (false, &s[1..]),
        _ => (false, s),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    const LIMIT: u64 = 1 << 63;
    let mut total = 0u64;
    while !rest.is_empty() {
        let digits = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
        let whole_len = digits(rest);
        let whole = match &rest[..whole_len] {
            "" => 0,
            d => d.parse::<u64>().ok().filter(|n| *n <= LIMIT).ok_or_else(invalid)?,
        };
        rest = &rest[whole_len..];
        let mut fraction = "";
        let mut point = false;
        if let Some(after) = rest.strip_prefix('.') {
            point = true;
            let n = digits(after);
            (fraction, rest) = after.split_at(n);
        }
        if whole_len == 0 && (!point || fraction.is_empty()) {
            return Err(invalid());
        }
        let unit_len = rest.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(unit_len);
        let unit: u64 = match name {
            "" => return Err(format!("time: missing unit in duration {}", quote_ascii(s))),
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            name => {
                return Err(format!(
                    "time: unknown unit {} in duration {}",
                    quote_ascii(name),
                    quote_ascii(s)
                ));
            }
        };
        let part = whole.checked_mul(unit).filter(|n| *n <= LIMIT).ok_or_else(invalid)?;
        let part = part + fraction_of(fraction, unit);
        total = total.checked_add(part).filter(|n| *n <= LIMIT).ok_or_else(invalid)?;
        rest = after;
    }
    if negative {
        return Ok((total as i64).wrapping_neg());
    }
    i64::try_from(total).map_err(|_| invalid())
}

/// In machine floats, as Go does it.
fn fraction_of(digits: &str, unit: u64) -> u64 {
    let (mut n, mut scale) = (0u64, 1f64);
    for d in digits.bytes() {
        match n.checked_mul(10).and_then(|n| n.checked_add(u64::from(d - b'0'))) {
            Some(next) if next <= 1 << 63 => {
                n = next;
                scale *= 10.0;
            }
            // Further digits do not count.
            _ => break,
        }
    }
    (n as f64 * (unit as f64 / scale)) as u64
}

/// As Go's `time` quotes: what is not ASCII byte by byte.
fn quote_ascii(s: &str) -> String {
    let mut out = String::from("\"");
    for b in s.bytes() {
        match b {
            b'"' | b'\\' => out.extend(['\\', char::from(b)]),
            b' '..=b'~' => out.push(char::from(b)),
            b => out.push_str(&format!("\\x{b:02x}")),
        }
    }
    out.push('"');
    out
}

/// A timestamp as YAML may have it (`2001-1-4`, `2001-12-14 21:59:43`), in RFC 3339.
pub(super) fn from_yaml(s: &str) -> Option<String> {
    let mut scan = Scan(s);
    let mut year = 0;
    for i in 0..4 {
        year = 10 * year + scan.digit(i)?;
    }
    scan.0 = &s[4..];
    scan.literal('-').ok()?;
    let month = scan.two("month", 1..=12, true).ok()?;
    scan.literal('-').ok()?;
    let day = scan.two("day", 1..=days_in(month, year), true).ok()?;
    let mut t = Time { local: days_from_civil(year, month, day) * DAY, nanos: 0, offset: 0 };
    if scan.0.is_empty() {
        return Some(t.rfc3339());
    }
    let zoned = !scan.0.starts_with(' ');
    scan.0 = scan.0.strip_prefix(['T', 't', ' '])?;
    t.local += scan.two("hour", 0..=23, true).ok()? * 3600;
    scan.literal(':').ok()?;
    t.local += scan.two("minute", 0..=59, true).ok()? * 60;
    scan.literal(':').ok()?;
    t.local += scan.two("second", 0..=59, true).ok()?;
    if scan.0.starts_with(['.', ',']) && scan.digit(1).is_some() {
        scan.0 = scan.0[1..].trim_start_matches(|c: char| c.is_ascii_digit());
    }
    if !zoned {
        return scan.0.is_empty().then(|| t.rfc3339());
    }
    // The rules for offsets are those of other timestamps.
    t.offset = parse(&format!("2000-01-01T00:00:00{}", scan.0)).ok()?.offset;
    Some(t.rfc3339())
}
