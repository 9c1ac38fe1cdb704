//! Faults on demand: what is to go wrong, and when.
//!
//! A specification is a list of rules separated by commas or line breaks. A rule is
//! `TARGET=EFFECT`, with `*N` behind it for "the first N times only":
//!
//! | target | matches |
//! | --- | --- |
//! | `aws_db_instance.create` | one operation of one type: `create`, `update`, `delete`, `read` |
//! | `aws_lb.*`, `*.create`, `aws_iam_*.delete` | with `*` for any text |
//! | `after:12` | every operation after 12 that changed something |
//!
//! | effect | does |
//! | --- | --- |
//! | `error:CODE` or `error:CODE:TEXT` | AWS refuses with this error code |
//! | `throttle` | AWS asks to try again later: seen only as a delay, as the SDK retries |
//! | `slow:2s`, `slow:300ms` | takes that much longer |
//! | `lost` | done, but the answer does not arrive |
//! | `crash` | the provider dies: this call and all later ones fail |
//!
//! Example: `aws_db_instance.create=error:InsufficientDBInstanceCapacity*1,*.create=throttle*3`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// An operation on an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `create`
    Create,
    /// `update`
    Update,
    /// `delete`
    Delete,
    /// `read`
    Read,
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Operation::Create => "create",
            Operation::Update => "update",
            Operation::Delete => "delete",
            Operation::Read => "read",
        }
    }
}

/// What goes wrong with one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Refused with a code and a message.
    Error(String, String),
    /// Takes longer.
    Slow(Duration),
    /// Done, but the answer is lost.
    Lost,
    /// The provider dies.
    Crash,
}

/// How long the SDK waits after having been throttled.
const THROTTLED: Duration = Duration::from_millis(200);

#[derive(Clone, Debug)]
enum Target {
    Operation { ty: String, operation: String },
    After(u64),
}

#[derive(Clone, Debug)]
struct Rule {
    target: Target,
    effect: Effect,
    /// How many times are left; `None`: always.
    left: Option<u64>,
}

/// What is to go wrong: see the crate's documentation of the specification in `faults.rs`. Clones
/// share what was used up.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<Rule>,
    changes: u64,
}

impl Faults {
    /// Reads a specification: rules `TARGET=EFFECT[*N]`, separated by commas or line breaks.
    ///
    /// Targets: `TYPE.OPERATION` (either may contain `*`; operations are `create`, `update`,
    /// `delete` and `read`) and `after:N` (after N changes). Effects: `error:CODE[:TEXT]`,
    /// `throttle`, `slow:2s`, `lost` (done, the answer lost) and `crash`. The error names the rule
    /// and what may stand there.
    pub fn parse(text: &str) -> Result<Faults, String> {
        let rules = text.split([',', '\n']).map(str::trim).filter(|rule| !rule.is_empty());
        let rules = rules.map(parse_rule).collect::<Result<_, _>>()?;
        Ok(Faults { state: Arc::new(Mutex::new(State { rules, changes: 0 })) })
    }

    /// What happens to an operation that is about to be done.
    pub(crate) fn strike(&self, ty: &str, operation: Operation) -> Vec<Effect> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = state.changes;
        if operation != Operation::Read {
            state.changes += 1;
        }
        let mut effects = Vec::new();
        for rule in &mut state.rules {
            let hit = match &rule.target {
                Target::After(n) => operation != Operation::Read && changes >= *n,
                Target::Operation { ty: t, operation: o } => matches(t, ty) && matches(o, operation.name()),
            };
            if !hit || rule.left == Some(0) {
                continue;
            }
            if let Some(left) = &mut rule.left {
                *left -= 1;
            }
            effects.push(rule.effect.clone());
        }
        effects
    }
}

fn parse_rule(rule: &str) -> Result<Rule, String> {
    let wrong = |what: String| format!("fault {rule:?}: {what}");
    let (target, effect) = rule
        .split_once('=')
        .ok_or_else(|| wrong("expected TARGET=EFFECT, such as aws_lb.create=slow:2s".into()))?;
    let (effect, left) = match effect.rsplit_once('*') {
        Some((effect, times)) => {
            let times = times.trim().parse().map_err(|_| {
                wrong(format!("{times:?} is not a number of times; write for example {effect}*2"))
            })?;
            (effect, Some(times))
        }
        None => (effect, None),
    };
    let target = target.trim();
    let target = if let Some(n) = target.strip_prefix("after:") {
        Target::After(
            n.parse().map_err(|_| wrong(format!("{n:?} is not a number of changes, as in after:12")))?,
        )
    } else {
        let (ty, operation) = target.rsplit_once('.').ok_or_else(|| {
            wrong(format!("{target:?} is neither TYPE.OPERATION, such as aws_lb.create, nor after:N"))
        })?;
        if !operation.contains('*') && !["create", "update", "delete", "read"].contains(&operation) {
            return Err(wrong(format!(
                "{operation:?} is not an operation: create, update, delete, read or *"
            )));
        }
        Target::Operation { ty: ty.into(), operation: operation.into() }
    };
    let (name, argument) = effect.trim().split_once(':').unwrap_or((effect.trim(), ""));
    let effect = match (name, argument) {
        ("error", "") => return Err(wrong("name an error code, as in error:AccessDenied".into())),
        ("error", argument) => {
            let (code, message) = argument.split_once(':').unwrap_or((argument, ""));
            let message = if message.is_empty() { default_message(code) } else { message };
            Effect::Error(code.trim().into(), message.trim().into())
        }
        ("throttle", "") => Effect::Slow(THROTTLED),
        ("slow", time) => Effect::Slow(
            duration(time).ok_or_else(|| wrong(format!("{time:?} is not a time such as 2s or 300ms")))?,
        ),
        ("lost", "") => Effect::Lost,
        ("crash", "") => Effect::Crash,
        _ => {
            return Err(wrong(format!(
                "{:?} is not an effect: error:CODE, throttle, slow:TIME, lost or crash",
                effect.trim()
            )));
        }
    };
    Ok(Rule { target, effect, left })
}

fn default_message(code: &str) -> &'static str {
    match code {
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => {
            "You are not authorized to perform this operation."
        }
        "InsufficientInstanceCapacity" | "InsufficientDBInstanceCapacity" => {
            "We currently do not have sufficient capacity in the Availability Zone you requested."
        }
        code if code.ends_with("LimitExceeded") || code.ends_with("QuotaExceeded") => {
            "You have reached the limit of such resources in this account."
        }
        _ => "The operation was refused (a fault on demand).",
    }
}

fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic())?);
    let number: f64 = number.parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0)?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "s" => number,
        "m" => number * 60.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

/// Whether a text matches a pattern in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
            (0..=rest.len()).filter(|i| rest.is_char_boundary(*i)).any(|i| matches(tail, &rest[i..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_strike_as_often_as_they_say() {
        let f = Faults::parse("aws_db_instance.create=error:InsufficientDBInstanceCapacity*1,\naws_iam_*.*=slow:2s, after:3=crash").unwrap();
        let error = f.strike("aws_db_instance", Operation::Create);
        assert!(matches!(&error[..], [Effect::Error(code, _)] if code == "InsufficientDBInstanceCapacity"));
        assert_eq!(f.strike("aws_db_instance", Operation::Create), []);
        assert_eq!(f.strike("aws_iam_role", Operation::Read), [Effect::Slow(Duration::from_secs(2))]);
        assert_eq!(f.strike("aws_lb", Operation::Delete), []);
        assert_eq!(f.strike("aws_lb", Operation::Update), [Effect::Crash]);
        assert_eq!(f.strike("aws_lb", Operation::Read), []);
    }

    #[test]
    fn mistakes_say_what_is_meant() {
        for (text, part) in [
            ("aws_lb", "TARGET=EFFECT"),
            ("aws_lb=crash", "TYPE.OPERATION"),
            ("aws_lb.make=crash", "create, update, delete, read"),
            ("aws_lb.create=slow:fast", "2s or 300ms"),
            ("aws_lb.create=explode", "throttle"),
            ("aws_lb.create=error:", "error code"),
            ("aws_lb.create=throttle*x", "number of times"),
            ("after:x=crash", "after:12"),
        ] {
            let error = Faults::parse(text).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
