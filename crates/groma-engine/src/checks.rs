//! Results of conditions: preconditions, postconditions, validations, checks.

use std::collections::BTreeMap;

/// The kind of object that has conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckKind {
    /// A resource, data source or ephemeral resource.
    Resource,
    /// An output value.
    Output,
    /// A `check` block.
    Check,
    /// An input variable.
    Variable,
}

impl CheckKind {
    /// The name in states, which is another one for outputs.
    pub fn state_name(self) -> &'static str {
        match self {
            CheckKind::Output => "output",
            k => k.as_str(),
        }
    }
    /// The name in plan JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            CheckKind::Resource => "resource",
            CheckKind::Output => "output_value",
            CheckKind::Check => "check",
            CheckKind::Variable => "var",
        }
    }
}

/// The status of a condition or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckStatus {
    /// All hold.
    Pass,
    /// Not known yet.
    #[default]
    Unknown,
    /// Some do not hold.
    Fail,
    /// Some could not be evaluated.
    Error,
}

impl CheckStatus {
    /// The name in plan JSON and states.
    pub fn as_str(self) -> &'static str {
        match self {
            CheckStatus::Pass => "pass",
            CheckStatus::Unknown => "unknown",
            CheckStatus::Fail => "fail",
            CheckStatus::Error => "error",
        }
    }
}

/// The conditions of one object of the configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckResult {
    /// The kind.
    pub kind: CheckKind,
    /// By address of the instance.
    pub objects: BTreeMap<String, CheckObject>,
}

impl CheckResult {
    /// The status of all instances together.
    pub fn status(&self) -> CheckStatus {
        let worst = self.objects.values().map(|o| o.status).max();
        worst.unwrap_or(CheckStatus::Pass)
    }
}

/// The conditions of one instance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckObject {
    /// All of them together.
    pub status: CheckStatus,
    /// Messages of those that do not hold.
    pub failures: Vec<String>,
}

/// Results by address of the object in the configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckResults(pub BTreeMap<String, CheckResult>);

impl CheckResults {
    /// Merges the result of one condition. The worse status stays.
    pub fn report(
        &mut self,
        kind: CheckKind,
        config_addr: &str,
        object_addr: &str,
        status: CheckStatus,
        failure: Option<String>,
    ) {
        let result = self
            .0
            .entry(config_addr.to_owned())
            .or_insert_with(|| CheckResult { kind, objects: BTreeMap::new() });
        let object = result
            .objects
            .entry(object_addr.to_owned())
            .or_insert(CheckObject { status: CheckStatus::Pass, failures: Vec::new() });
        object.status = object.status.max(status);
        object.failures.extend(failure);
    }
    /// Adds what was planned and is not here: nobody got to it, so its status is not known.
    pub(crate) fn add_missing(&mut self, planned: &CheckResults) {
        for (config_addr, result) in &planned.0 {
            self.declare(result.kind, config_addr);
            let Some(here) = self.0.get_mut(config_addr) else { continue };
            for object in result.objects.keys() {
                here.objects.entry(object.clone()).or_default();
            }
        }
    }

    /// Notes that an object has conditions, even if it has no instances.
    pub fn declare(&mut self, kind: CheckKind, config_addr: &str) {
        self.0
            .entry(config_addr.to_owned())
            .or_insert_with(|| CheckResult { kind, objects: BTreeMap::new() });
    }
}
