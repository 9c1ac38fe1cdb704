//! Versions of providers and constraints on them.
//!
//! Versions are semantic versions. A constraint is a list of terms that must all hold; a prerelease
//! is acceptable only where a term names exactly it.

use std::cmp::Ordering;
use std::fmt;

/// A version. Ordered by precedence; build metadata counts last, so that equality is exact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Version {
    /// The first number.
    pub major: u64,
    /// The second number.
    pub minor: u64,
    /// The third number.
    pub patch: u64,
    /// What follows the hyphen; empty for a release.
    pub prerelease: String,
    /// What follows the plus sign.
    pub metadata: String,
}

impl Version {
    /// A release.
    pub fn new(major: u64, minor: u64, patch: u64) -> Version {
        Version { major, minor, patch, ..Version::default() }
    }

    /// Parses a version; missing numbers are zero. The error completes "the version is invalid:".
    pub fn parse(text: &str) -> Result<Version, String> {
        let scanned = Scanned::new(text);
        if !scanned.operator.is_empty() {
            return Err(format!("an exact version is required, without the operator {:?}", scanned.operator));
        }
        if !scanned.separator.is_empty() {
            return Err(format!("{:?} must not stand before the version", scanned.separator));
        }
        if !scanned.rest.is_empty() {
            return Err(format!("unexpected {:?}", scanned.rest));
        }
        scanned.version(true).map(|(version, _)| version)
    }

    /// Whether this is a version before a release.
    pub fn is_prerelease(&self) -> bool {
        !self.prerelease.is_empty()
    }

    fn precedence(&self, other: &Version) -> Ordering {
        let numbers = |version: &Version| (version.major, version.minor, version.patch);
        numbers(self).cmp(&numbers(other)).then_with(|| {
            match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => compare_parts(&self.prerelease, &other.prerelease),
            }
        })
    }
}

/// Compares dot-separated parts: numbers numerically and before words.
fn compare_parts(one: &str, two: &str) -> Ordering {
    let (mut ones, mut twos) = (one.split('.'), two.split('.'));
    loop {
        let ordering = match (ones.next(), twos.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(one), Some(two)) => {
                let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
                match (numeric(one), numeric(two)) {
                    (true, true) => one.len().cmp(&two.len()).then_with(|| one.cmp(two)),
                    (true, false) => Ordering::Less,
                    (false, true) => Ordering::Greater,
                    (false, false) => one.cmp(two),
                }
            }
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.precedence(other).then_with(|| compare_parts(&self.metadata, &other.metadata))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(f, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

/// The operators, in the order in which terms about the same version are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Operator {
    Greater,
    AtLeast,
    Equal,
    /// `~> 1.2.3`: the last number may grow.
    PessimisticPatch,
    /// `~> 1.2`: the second number may grow.
    PessimisticMinor,
    AtMost,
    Less,
    NotEqual,
}

/// One term of a constraint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Term {
    // The version is first: terms are written in the order of their versions.
    version: Version,
    operator: Operator,
}

impl Term {
    fn allows(&self, version: &Version) -> bool {
        // Metadata matters only where a version is named exactly.
        let ordering = version.precedence(&self.version);
        match self.operator {
            Operator::Greater => ordering.is_gt(),
            Operator::AtLeast => ordering.is_ge(),
            Operator::Equal => *version == self.version,
            Operator::NotEqual => *version != self.version,
            Operator::AtMost => ordering.is_le(),
            Operator::Less => ordering.is_lt(),
            Operator::PessimisticPatch => {
                let limit = Version::new(self.version.major, self.version.minor.saturating_add(1), 0);
                ordering.is_ge() && version.precedence(&limit).is_lt()
            }
            Operator::PessimisticMinor => {
                let limit = Version::new(self.version.major.saturating_add(1), 0, 0);
                ordering.is_ge() && version.precedence(&limit).is_lt()
            }
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.operator {
            Operator::Greater => "> ",
            Operator::AtLeast => ">= ",
            Operator::Equal => "",
            Operator::PessimisticPatch | Operator::PessimisticMinor => "~> ",
            Operator::AtMost => "<= ",
            Operator::Less => "< ",
            Operator::NotEqual => "!= ",
        })?;
        if self.operator != Operator::PessimisticMinor {
            return self.version.fmt(f);
        }
        // How many numbers are written is what tells the two pessimistic operators apart.
        write!(f, "{}.{}", self.version.major, self.version.minor)?;
        if !self.version.prerelease.is_empty() {
            write!(f, "-{}", self.version.prerelease)?;
        }
        if !self.version.metadata.is_empty() {
            write!(f, "+{}", self.version.metadata)?;
        }
        Ok(())
    }
}

/// A version constraint: terms that must all hold. Without terms it allows every release.
///
/// Printed in the normal form of lock files: without duplicates, ordered by version, then by
/// operator. Two constraints are equal when their normal forms are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Constraints {
    /// Sorted, without duplicates.
    terms: Vec<Term>,
}

impl Constraints {
    /// Allows every release.
    pub fn any() -> Constraints {
        Constraints::default()
    }

    /// Exactly one version.
    pub fn exactly(version: Version) -> Constraints {
        Constraints { terms: vec![Term { version, operator: Operator::Equal }] }
    }

    /// Parses terms separated by commas. The error completes "the constraint is invalid:".
    pub fn parse(text: &str) -> Result<Constraints, String> {
        let mut terms = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let scanned = Scanned::new(rest);
            let end = rest.len() - scanned.rest.len();
            let (term, after) = rest.split_at(end);
            terms.push(scanned.term().map_err(|error| format!("{:?}: {error}", term.trim()))?);
            rest = after.trim();
            if let Some(next) = rest.strip_prefix(',') {
                rest = next.trim();
            } else if !rest.is_empty() {
                return Err(format!("expected a comma after {:?}, found {rest:?}", term.trim()));
            }
        }
        Ok(Constraints::of(terms))
    }

    fn of(mut terms: Vec<Term>) -> Constraints {
        terms.sort();
        terms.dedup();
        Constraints { terms }
    }

    /// Both constraints at once.
    pub fn and(&self, other: &Constraints) -> Constraints {
        Constraints::of(self.terms.iter().chain(&other.terms).cloned().collect())
    }

    /// Whether there are no terms.
    pub fn is_any(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether the version is acceptable. 0.0.0 never is: it stands for no version at all.
    pub fn allows(&self, version: &Version) -> bool {
        if *version == Version::default() || !self.terms.iter().all(|term| term.allows(version)) {
            return false;
        }
        !version.is_prerelease()
            || self.terms.iter().any(|term| term.operator == Operator::Equal && term.version == *version)
    }

    /// The newest acceptable version.
    pub fn newest<'a>(&self, versions: impl IntoIterator<Item = &'a Version>) -> Option<&'a Version> {
        versions.into_iter().filter(|version| self.allows(version)).max()
    }
}

impl fmt::Display for Constraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.terms.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{term}")?;
        }
        Ok(())
    }
}

/// The pieces of one term: `operator separator numbers [-prerelease] [+metadata]`.
struct Scanned<'a> {
    operator: &'a str,
    separator: &'a str,
    numbers: Vec<&'a str>,
    prerelease: &'a str,
    metadata: &'a str,
    rest: &'a str,
}

impl<'a> Scanned<'a> {
    fn new(text: &'a str) -> Self {
        let split = |text: &'a str, accept: &dyn Fn(char) -> bool| {
            text.split_at(text.find(|c: char| !accept(c)).unwrap_or(text.len()))
        };
        let (operator, text) =
            split(text, &|c| !c.is_ascii_alphanumeric() && !c.is_whitespace() && c != '.' && c != '*');
        let (separator, mut text) = split(text, &|c| c.is_whitespace() || c == 'v');
        let mut numbers = Vec::new();
        loop {
            let wildcard = text.starts_with(['*', 'x', 'X']);
            let (number, after) =
                if wildcard { text.split_at(1) } else { split(text, &|c| c.is_ascii_digit()) };
            numbers.push(number);
            text = after;
            match text.strip_prefix('.') {
                // A dot belongs to the version only together with a number.
                Some(next)
                    if next.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '*' | 'x' | 'X')) =>
                {
                    text = next;
                }
                _ => break,
            }
        }
        let mut extra = |mark: char| match text.strip_prefix(mark) {
            Some(next) => {
                let (part, after) = split(next, &|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
                if part.is_empty() {
                    return "";
                }
                text = after;
                part
            }
            None => "",
        };
        let prerelease = extra('-');
        let metadata = extra('+');
        Scanned { operator, separator, numbers, prerelease, metadata, rest: text }
    }

    /// The version and how many numbers were written.
    fn version(&self, exact: bool) -> Result<(Version, usize), String> {
        if self.numbers.len() > 3 {
            return Err("a version has at most three numbers".to_owned());
        }
        let mut numbers = [0; 3];
        for (slot, text) in numbers.iter_mut().zip(&self.numbers) {
            if matches!(*text, "*" | "x" | "X") {
                let instead =
                    if exact { "an exact version is required" } else { "leave out numbers that may vary" };
                return Err(format!("wildcards are not supported: {instead}"));
            }
            if text.is_empty() {
                return Err("a number is missing".to_owned());
            }
            *slot = text.parse().map_err(|_| format!("the number {text} is too large"))?;
        }
        let [major, minor, patch] = numbers;
        let version = Version {
            major,
            minor,
            patch,
            prerelease: self.prerelease.to_owned(),
            metadata: self.metadata.to_owned(),
        };
        Ok((version, self.numbers.len()))
    }

    fn term(&self) -> Result<Term, String> {
        if self.separator.contains('v') {
            return Err("a version is written without a \"v\" before it".to_owned());
        }
        if self.separator.len() > usize::from(!self.operator.is_empty()) {
            return Err("at most one space may stand between operator and version".to_owned());
        }
        let (version, count) = self.version(false)?;
        let operator = match self.operator {
            "" | "=" => Operator::Equal,
            "!=" => Operator::NotEqual,
            ">" => Operator::Greater,
            ">=" => Operator::AtLeast,
            "<" => Operator::Less,
            "<=" => Operator::AtMost,
            "~>" if count == 3 => Operator::PessimisticPatch,
            "~>" => Operator::PessimisticMinor,
            "=>" => return Err("the operator \"=>\" does not exist; \">=\" does".to_owned()),
            "=<" => return Err("the operator \"=<\" does not exist; \"<=\" does".to_owned()),
            other => return Err(format!("the operator {other:?} does not exist")),
        };
        Ok(Term { version, operator })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn versions_in_order() {
        let ordered = [
            "0.0.1",
            "0.1",
            "1.0.0-1",
            "1.0.0-2",
            "1.0.0-10",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-beta",
            "1.0.0",
            "1.0.0+build",
            "1.0.1",
            "1.10.0",
            "2",
        ];
        for pair in ordered.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        assert_eq!(version("1.2").to_string(), "1.2.0");
        assert_eq!(version("1.2.3-rc.1+x.y").to_string(), "1.2.3-rc.1+x.y");
        for bad in [
            "",
            "v1",
            " 1",
            "1 ",
            ">= 1",
            "1.2.3.4",
            "1.x",
            "1.",
            "1.2.3-",
            "a",
            "1,2",
            "99999999999999999999",
        ] {
            assert!(Version::parse(bad).is_err(), "{bad:?}");
        }
    }

    /// Written forms and what `terraform init` made of them.
    #[test]
    fn normal_forms() {
        for (text, normal) in [
            ("~> 5.0, >= 5, != 5.50.0", ">= 5.0.0, ~> 5.0, != 5.50.0"),
            ("~> 5", "~> 5.0"),
            ("5.100", "5.100.0"),
            (">=5.0,<6", ">= 5.0.0, < 6.0.0"),
            ("> 4.0-beta", "> 4.0.0-beta"),
            ("~> 5.100.0, ~> 5.2", "~> 5.2, ~> 5.100.0"),
            (">= 5.0 , < 6", ">= 5.0.0, < 6.0.0"),
            ("=5.100.0", "5.100.0"),
            ("~>5.100.0-beta1", "~> 5.100.0-beta1"),
            ("5.100.0+x", "5.100.0+x"),
            ("~> 5.1-beta", "~> 5.1-beta"),
            (">= 1, >= 1.0.0", ">= 1.0.0"),
        ] {
            let parsed = Constraints::parse(text).unwrap();
            assert_eq!(parsed.to_string(), normal);
            assert_eq!(Constraints::parse(normal).unwrap(), parsed);
        }
        for bad in ["v5.100.0", ">=  5.0", ">= 5.0.0.0", "=> 5", "5.*", ", 5", "5 6", "^ 5", ">= ", "1 || 2"]
        {
            assert!(Constraints::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Constraints::parse("").unwrap().is_any());
    }

    #[test]
    fn what_is_allowed() {
        for (constraint, allowed, refused) in [
            ("", "1.0.0 0.0.1", "1.0.0-beta 0.0.0"),
            ("~> 1.2", "1.2.0 1.99.0", "1.1.9 2.0.0 2.0.0-beta"),
            ("~> 1.2.3", "1.2.3 1.2.9", "1.3.0 1.2.2"),
            ("~> 1", "1.0.0 1.9.0", "2.0.0 0.9.0"),
            (">= 1.0.0-alpha", "1.0.0 2.0.0", "1.0.0-alpha 1.0.0-beta"),
            ("1.0.0-beta", "1.0.0-beta", "1.0.0"),
            ("1.0.0-beta, >= 0.9", "1.0.0-beta", "1.0.0"),
            ("1.0.0-beta, != 1.0.0-beta", "", "1.0.0-beta 1.0.0"),
            ("!= 1.0.0", "1.0.1 0.9.0 1.0.0+x", "1.0.0 1.0.1-rc"),
            ("> 1, <= 2", "1.0.1 2.0.0", "1.0.0 2.0.1"),
            ("1.0.0", "1.0.0", "1.0.0+x"),
        ] {
            let parsed = Constraints::parse(constraint).unwrap();
            for text in allowed.split_whitespace() {
                assert!(parsed.allows(&version(text)), "{constraint:?} should allow {text}");
            }
            for text in refused.split_whitespace() {
                assert!(!parsed.allows(&version(text)), "{constraint:?} should refuse {text}");
            }
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_normal_forms_are_stable(text in "[-~<>=!., v0-9*x+a]{0,16}") {
            if let Ok(constraints) = Constraints::parse(&text) {
                let normal = constraints.to_string();
                prop_assert_eq!(Constraints::parse(&normal).map(|again| again.to_string()), Ok(normal));
            }
            if let Ok(version) = Version::parse(&text) {
                prop_assert_eq!(Version::parse(&version.to_string()), Ok(version));
            }
        }
    }
}
