//! Times: durations, schedules of the week, and the expressions of EventBridge.

use crate::model::{Cron, Schedule};
use std::collections::BTreeMap;

/// The seconds of `90s`, `30m`, `72h`, `7d`, `1h30m`.
///
/// # Errors
/// What is wrong with the text, and how one looks.
pub fn duration(text: &str) -> Result<u64, String> {
    let wrong = || {
        format!(
            "{text:?} is not a time. Write a number with its unit, s, m, h or d: \"30m\", \"72h\", \"7d\"."
        )
    };
    let mut seconds: u64 = 0;
    let mut digits = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        let unit = match c {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return Err(wrong()),
        };
        let n: u64 = digits.parse().map_err(|_| wrong())?;
        seconds = n.checked_mul(unit).and_then(|n| seconds.checked_add(n)).ok_or_else(wrong)?;
        digits.clear();
    }
    if !digits.is_empty() || text.is_empty() {
        return Err(wrong());
    }
    if seconds == 0 {
        return Err("It is no time at all. Write a number above zero.".into());
    }
    Ok(seconds)
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY: usize = 24 * 60;
const WEEK: usize = 7 * DAY;

/// The times of the week at which something that is parked at `text` stops and starts.
///
/// `Mon-Fri 20:00-07:00, Sat-Sun` has days, and hours or whole days, separated by
/// commas. Hours over midnight take the early morning of each named day too, and end on
/// the morning after the last, so that nights before and after a weekend join it.
///
/// # Errors
/// What is wrong with the text, and how one looks.
pub fn weekly(text: &str) -> Result<Schedule, String> {
    let mut parked = vec![false; WEEK];
    for item in text.split(',') {
        mark(item.trim(), &mut parked)?;
    }
    if parked.iter().all(|p| *p) {
        return Err(format!(
            "{text:?} is the whole week, so it would always be parked. Leave some hours out."
        ));
    }
    let mut stop: BTreeMap<(u8, u8), Vec<u8>> = BTreeMap::new();
    let mut start = stop.clone();
    for minute in 0..WEEK {
        let before = parked[(minute + WEEK - 1) % WEEK];
        if parked[minute] != before {
            let (day, hour, minute_of) = (minute / DAY, minute % DAY / 60, minute % 60);
            let changes = if before { &mut start } else { &mut stop };
            changes.entry((hour as u8, minute_of as u8)).or_default().push(day as u8);
        }
    }
    let crons = |changes: BTreeMap<(u8, u8), Vec<u8>>| -> Vec<Cron> {
        changes.into_iter().map(|((hour, minute), days)| Cron { minute, hour, days }).collect()
    };
    Ok(Schedule { text: text.to_owned(), stop: crons(stop), start: crons(start) })
}

/// Marks the minutes of one item.
fn mark(item: &str, parked: &mut [bool]) -> Result<(), String> {
    let example = "Write days and hours such as \"Mon-Fri 20:00-07:00, Sat-Sun\".";
    let mut words = item.split_whitespace();
    let (days, hours) = match (words.next(), words.next(), words.next()) {
        (Some(days), hours, None) if days.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            (days_of(days)?, hours)
        }
        (Some(hours), None, None) => ((0..7).collect(), Some(hours)),
        (None, ..) => return Err(format!("A part of the schedule is empty. {example}")),
        _ => return Err(format!("{item:?} is not days and hours. {example}")),
    };
    let (from, to) = match hours {
        None => (0, DAY),
        Some(h) => {
            let (from, to) =
                h.split_once('-').ok_or_else(|| format!("{h:?} is not a range of hours. {example}"))?;
            (time(from)?, time(to)?)
        }
    };
    if from == to {
        return Err(format!(
            "{item:?} begins and ends at the same time. For whole days, write the days alone."
        ));
    }
    for day in days {
        let base = day * DAY;
        if from < to {
            parked[base + from..base + to].fill(true);
        } else {
            parked[base..base + to].fill(true);
            for minute in base + from..base + DAY + to {
                parked[minute % WEEK] = true;
            }
        }
    }
    Ok(())
}

fn days_of(text: &str) -> Result<Vec<usize>, String> {
    let day = |t: &str| {
        let lower = t.to_ascii_lowercase();
        let known = DAYS
            .iter()
            .position(|d| lower.len() >= 3 && LONG.iter().any(|l| l.starts_with(&lower) && l.starts_with(d)));
        known.ok_or_else(|| format!("{t:?} is not a day. Days are Mon, Tue, Wed, Thu, Fri, Sat and Sun."))
    };
    match text.split_once('-') {
        None => Ok(vec![day(text)?]),
        Some((first, last)) => {
            let (first, last) = (day(first)?, day(last)?);
            let count = (last + 7 - first) % 7 + 1;
            Ok((0..count).map(|i| (first + i) % 7).collect())
        }
    }
}

const LONG: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fn time(text: &str) -> Result<usize, String> {
    let wrong = || format!("{text:?} is not a time of the day, such as 20:00.");
    let (h, m) = text.split_once(':').ok_or_else(wrong)?;
    let two = |s: &str| (s.len() <= 2).then(|| s.parse::<usize>().ok()).flatten();
    match (two(h), two(m)) {
        (Some(h), Some(m)) if h < 24 && m < 60 && m_has_two(text) => Ok(h * 60 + m),
        (Some(24), Some(0)) => Ok(DAY),
        _ => Err(wrong()),
    }
}

fn m_has_two(text: &str) -> bool {
    text.split_once(':').is_some_and(|(_, m)| m.len() == 2)
}

/// Checks `rate(5 minutes)` and `cron(0 6 * * ? *)`.
///
/// # Errors
/// What is wrong with the text, and how one looks.
pub fn expression(text: &str) -> Result<(), String> {
    let inner = |kind: &str| {
        text.strip_prefix(kind).and_then(|r| r.strip_prefix('(')).and_then(|r| r.strip_suffix(')'))
    };
    if let Some(rate) = inner("rate") {
        let (n, unit) = rate.split_once(' ').unwrap_or((rate, ""));
        let units = ["minute", "minutes", "hour", "hours", "day", "days"];
        let Some(n) = n.parse::<u32>().ok().filter(|n| *n > 0 && units.contains(&unit)) else {
            return Err(format!(
                "{text:?} is not a rate: write a number and minutes, hours or days, as in \"rate(5 minutes)\"."
            ));
        };
        if (n == 1) == unit.ends_with('s') {
            let right = unit.trim_end_matches('s');
            let s = if n == 1 { "" } else { "s" };
            return Err(format!(
                "AWS takes the singular for 1 and the plural for more: \"rate({n} {right}{s})\"."
            ));
        }
        return Ok(());
    }
    let Some(cron) = inner("cron") else {
        return Err(format!(
            "{text:?} is neither a rate nor a cron. Write \"rate(5 minutes)\" or \"cron(0 6 * * ? *)\"."
        ));
    };
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let [minute, hour, day, month, weekday, year] = fields[..] else {
        return Err(format!(
            "{text:?} has {} fields, and a cron of AWS has six: minute, hour, day of the month, month, day of the week, year, as in \"cron(0 6 * * ? *)\".",
            fields.len()
        ));
    };
    if (day == "?") == (weekday == "?") {
        return Err("Exactly one of the day of the month and the day of the week is ?, because the other decides: \"cron(0 6 * * ? *)\" or \"cron(0 6 ? * MON *)\".".into());
    }
    let ranges = [
        (minute, "minute", 0, 59),
        (hour, "hour", 0, 23),
        (day, "day of the month", 1, 31),
        (month, "month", 1, 12),
        (weekday, "day of the week", 1, 7),
        (year, "year", 1970, 2199),
    ];
    for (field, name, least, most) in ranges {
        let outside = field
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|n| n.parse::<u32>().ok())
            .find(|n| *n < least && !field.contains('/') || *n > most);
        if let Some(n) = outside {
            return Err(format!("{n} is not a {name}: in {field:?} stand numbers from {least} to {most}."));
        }
        let known = |c: char| c.is_ascii_alphanumeric() || "*?,-/#".contains(c);
        if !field.chars().all(known) {
            return Err(format!("{field:?} is not a {name} of a cron."));
        }
    }
    Ok(())
}

/// Days of the week, for crons.
const SHORT: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

impl Cron {
    /// As EventBridge Scheduler has it: `cron(0 20 ? * MON,TUE *)`.
    pub fn eventbridge(&self) -> String {
        let days: Vec<&str> = self.days.iter().filter_map(|d| SHORT.get(*d as usize).copied()).collect();
        format!("cron({} {} ? * {} *)", self.minute, self.hour, days.join(","))
    }
    /// As scheduled actions of Auto Scaling groups have it: `0 20 * * 1,2` (Sunday is 0).
    pub fn autoscaling(&self) -> String {
        let days: Vec<String> = self.days.iter().map(|d| ((d + 1) % 7).to_string()).collect();
        format!("{} {} * * {}", self.minute, self.hour, days.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("72h"), Ok(259_200));
        assert_eq!(duration("1h30m"), Ok(5400));
        assert_eq!(duration("7d"), Ok(604_800));
        for wrong in ["", "3", "h", "3 h", "-1h", "0h", "3w", "99999999999999999999h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    fn cron(hour: u8, minute: u8, days: &[u8]) -> Cron {
        Cron { minute, hour, days: days.to_vec() }
    }

    #[test]
    fn nights_join_the_weekend() {
        let s = weekly("Mon-Fri 20:00-07:00, Sat-Sun").unwrap();
        assert_eq!(s.stop, [cron(20, 0, &[0, 1, 2, 3, 4])]);
        assert_eq!(s.start, [cron(7, 0, &[0, 1, 2, 3, 4])]);
    }

    #[test]
    fn other_forms() {
        let s = weekly("12:30-13:00").unwrap();
        assert_eq!(
            (s.stop, s.start),
            (vec![cron(12, 30, &[0, 1, 2, 3, 4, 5, 6])], vec![cron(13, 0, &[0, 1, 2, 3, 4, 5, 6])])
        );
        let s = weekly("Sat-Mon").unwrap();
        assert_eq!((s.stop, s.start), (vec![cron(0, 0, &[5])], vec![cron(0, 0, &[1])]));
        let s = weekly("friday 18:00-24:00").unwrap();
        assert_eq!((s.stop, s.start), (vec![cron(18, 0, &[4])], vec![cron(0, 0, &[5])]));
        for wrong in [
            "",
            "Mon-Fri, ",
            "Mon 20-07",
            "Mon 20:00",
            "Mon-Sun",
            "Funday",
            "Mon 25:00-26:00",
            "Mon 7:0-8:00",
            "Mon 8:00-8:00",
        ] {
            assert!(weekly(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn expressions() {
        for right in
            ["rate(1 minute)", "rate(5 minutes)", "cron(0 6 * * ? *)", "cron(0/15 8-18 ? * MON-FRI *)"]
        {
            assert_eq!(expression(right), Ok(()), "{right}");
        }
        for wrong in [
            "5 minutes",
            "rate(1 minutes)",
            "rate(0 minutes)",
            "cron(0 6 * * *)",
            "cron(0 6 * * * *)",
            "cron(61 6 * * ? *)",
            "cron(0 6 ? * ? *)",
        ] {
            assert!(expression(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn crons_of_other_services() {
        let c = cron(20, 5, &[0, 6]);
        assert_eq!(c.eventbridge(), "cron(5 20 ? * MON,SUN *)");
        assert_eq!(c.autoscaling(), "5 20 * * 1,0");
    }
}
