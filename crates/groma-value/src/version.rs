//! Version numbers and constraints on them, as `required_version` and module
//! calls write them: `~> 1.2, != 1.2.5`. Versions of providers follow stricter
//! rules of their own, in `groma-provider`.
//!
//! The rules are those of Terraform: versions have any number of numeric
//! segments (compared as if filled up with zeros), and an ordering constraint
//! admits a pre-release only if it names a pre-release of the same version.

use std::cmp::Ordering;
use std::fmt;

/// A version: `1.2.3-beta1+build`.
#[derive(Clone, Debug)]
pub struct Version {
    segments: Vec<u64>,
    /// How many segments were written.
    written: usize,
    pre: String,
    meta: String,
}

impl Version {
    /// Reads a version; a leading `v` is allowed, segments may be missing. The
    /// error is a sentence without period.
    pub fn parse(text: &str) -> Result<Version, String> {
        let bad = || format!("Malformed version: {text}");
        let rest = text.strip_prefix('v').unwrap_or(text);
        let numbers_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (numbers, rest) = rest.split_at(numbers_end);
        let mut segments =
            numbers.split('.').map(|s| s.parse::<u64>().map_err(|_| bad())).collect::<Result<Vec<_>, _>>()?;
        let written = segments.len();
        segments.resize(written.max(3), 0);
        let (pre, meta) = match rest.split_once('+') {
            Some((p, m)) => (p, Some(m)),
            None => (rest, None),
        };
        let parts_ok = |s: &str| {
            s.split('.').all(|p| {
                !p.is_empty() && p.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '~'))
            })
        };
        // `1.2beta` is a pre-release as `1.2-beta` is; `1.2-` is nothing.
        let pre_text = pre.strip_prefix('-').unwrap_or(pre);
        if !pre.is_empty() && !parts_ok(pre_text) || meta.is_some_and(|m| !parts_ok(m)) {
            return Err(bad());
        }
        Ok(Version { segments, written, pre: pre_text.to_owned(), meta: meta.unwrap_or_default().to_owned() })
    }
    /// The numeric segments, at least three.
    pub fn segments(&self) -> &[u64] {
        &self.segments
    }
    /// How many numeric segments were written.
    pub fn written(&self) -> usize {
        self.written
    }
    /// The pre-release part without its dash; empty for a release.
    pub fn prerelease(&self) -> &str {
        &self.pre
    }
    /// The build metadata without its plus sign.
    pub fn metadata(&self) -> &str {
        &self.meta
    }
    /// Whether it is a pre-release.
    pub fn is_prerelease(&self) -> bool {
        !self.pre.is_empty()
    }
    fn same_release(&self, other: &Version) -> bool {
        compare_segments(&self.segments, &other.segments) == Ordering::Equal
    }
}

/// The canonical form: at least three segments, no `v`.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, s) in self.segments.iter().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            write!(f, "{s}")?;
        }
        if !self.pre.is_empty() {
            write!(f, "-{}", self.pre)?;
        }
        if !self.meta.is_empty() {
            write!(f, "+{}", self.meta)?;
        }
        Ok(())
    }
}

fn compare_segments(a: &[u64], b: &[u64]) -> Ordering {
    let at = |s: &[u64], i: usize| s.get(i).copied().unwrap_or(0);
    (0..a.len().max(b.len())).map(|i| at(a, i).cmp(&at(b, i))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
}

fn compare_pre(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(x), Some(y)) => match (x.parse::<u64>(), y.parse::<u64>()) {
                (Ok(x), Ok(y)) => x.cmp(&y),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => x.cmp(y),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

impl Ord for Version {
    /// Build metadata does not matter.
    fn cmp(&self, other: &Version) -> Ordering {
        compare_segments(&self.segments, &other.segments).then_with(|| compare_pre(&self.pre, &other.pre))
    }
}
impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Version {
    fn eq(&self, other: &Version) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Version {}

/// The operator of a constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    /// `~>`: only the last written segment may grow.
    Pessimistic,
}

/// One constraint: `>= 1.2`.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// How versions are compared.
    pub op: Operator,
    /// With what.
    pub version: Version,
}

impl Constraint {
    /// Whether `v` fulfils it.
    pub fn allows(&self, v: &Version) -> bool {
        let c = &self.version;
        let order = v.cmp(c);
        // A pre-release is admitted only by a constraint that names one of the same version.
        let pre_ok = match (v.is_prerelease(), c.is_prerelease()) {
            (true, true) => v.same_release(c),
            (true, false) => false,
            (false, _) => true,
        };
        match self.op {
            Operator::Equal => order.is_eq(),
            Operator::NotEqual => order.is_ne(),
            Operator::Greater => pre_ok && order.is_gt(),
            Operator::Less => pre_ok && order.is_lt(),
            Operator::GreaterOrEqual => pre_ok && order.is_ge(),
            Operator::LessOrEqual => pre_ok && order.is_le(),
            Operator::Pessimistic => {
                let fixed = c.written.saturating_sub(1);
                pre_ok
                    && (!c.is_prerelease() || v.is_prerelease())
                    && order.is_ge()
                    && c.segments.len() <= v.segments.len()
                    && v.segments[..fixed] == c.segments[..fixed]
            }
        }
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let op = match self.op {
            Operator::Equal => "",
            Operator::NotEqual => "!= ",
            Operator::Greater => "> ",
            Operator::Less => "< ",
            Operator::GreaterOrEqual => ">= ",
            Operator::LessOrEqual => "<= ",
            Operator::Pessimistic => "~> ",
        };
        f.write_str(op)?;
        // Written segments matter for `~>`.
        let v = Version {
            segments: self.version.segments[..self.version.written].to_vec(),
            ..self.version.clone()
        };
        v.fmt(f)
    }
}

/// Constraints that must all be fulfilled; none are fulfilled by everything.
#[derive(Clone, Debug, Default)]
pub struct Constraints(pub Vec<Constraint>);

impl Constraints {
    /// Reads constraints separated by commas. The error is a sentence without period.
    pub fn parse(text: &str) -> Result<Constraints, String> {
        text.split(',').map(|part| parse_constraint(part.trim())).collect::<Result<_, _>>().map(Constraints)
    }
    /// Whether `v` fulfils all.
    pub fn allows(&self, v: &Version) -> bool {
        self.0.iter().all(|c| c.allows(v))
    }
}

impl fmt::Display for Constraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, c) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            c.fmt(f)?;
        }
        Ok(())
    }
}

fn parse_constraint(text: &str) -> Result<Constraint, String> {
    let ops = [
        ("~>", Operator::Pessimistic),
        (">=", Operator::GreaterOrEqual),
        ("<=", Operator::LessOrEqual),
        ("!=", Operator::NotEqual),
        (">", Operator::Greater),
        ("<", Operator::Less),
        ("=", Operator::Equal),
        ("", Operator::Equal),
    ];
    let bad = || format!("Malformed constraint: {text}");
    let (rest, op) = ops.iter().find_map(|(s, op)| Some((text.strip_prefix(s)?, *op))).ok_or_else(bad)?;
    let version = Version::parse(rest.trim_start()).map_err(|_| bad())?;
    Ok(Constraint { op, version })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(c: &str, v: &str) -> bool {
        Constraints::parse(c).unwrap().allows(&Version::parse(v).unwrap())
    }

    #[test]
    fn constraints_select_versions() {
        for (c, v, expected) in [
            (">= 1.2", "1.2.0", true),
            (">= 1.0, < 1.2", "1.1.5", true),
            ("= 1.0", "1.0.1", false),
            ("1.0", "1.0.0", true),
            ("!=1.1", "1.1.0", false),
            ("~> 1.0", "1.9.9", true),
            ("~> 1.0", "2.0.0", false),
            ("~> 1.0.7", "1.0.8", true),
            ("~> 1.0.7", "1.1.0", false),
            ("~> 1.0.7", "1.0.6", false),
            (">= 1.0", "1.1.0-beta1", false),
            (">= 1.1.0-alpha", "1.1.0-beta1", true),
            ("> 1.0", "1.0.0", false),
            ("<= 2", "2.0.0", true),
        ] {
            assert_eq!(allows(c, v), expected, "{c} with {v}");
        }
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for bad in ["", "x", "1.", "1.0-", "1..2", "1.0+", "=> 1", "~ 1", ">= 1,"] {
            assert!(Constraints::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Version::parse("v1.2").unwrap().to_string(), "1.2.0");
        assert_eq!(Version::parse("1.2.3-rc.1+x").unwrap().to_string(), "1.2.3-rc.1+x");
        assert!(Version::parse("1.0.0-rc1").unwrap() < Version::parse("1.0").unwrap());
        assert_eq!(Constraints::parse(">=1.0,~>1.2").unwrap().to_string(), ">= 1.0, ~> 1.2");
    }
}
