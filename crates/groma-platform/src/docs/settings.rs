//! The names of the settings that a client gets, without the values.

use super::Scene;
use crate::compile::settings_of;
use crate::model::*;
use std::collections::BTreeSet;

/// The names of all settings of a service, function or job. `port`: of a service that
/// something connects to.
pub(super) fn names<'a>(
    uses: &[Use],
    own: impl Iterator<Item = &'a String>,
    port: Option<u16>,
) -> Vec<String> {
    let mut out: Vec<String> =
        ["AWS_REGION_NAME", "GROMA_ENVIRONMENT", "GROMA_PLATFORM"].map(str::to_owned).to_vec();
    out.extend(own.cloned());
    out.extend(port.map(|_| "PORT".to_owned()));
    out.extend(settings_of(uses));
    let mut seen = BTreeSet::new();
    out.retain(|n| seen.insert(n.clone()));
    out
}

/// All clients of a scene with their settings.
pub(super) fn all(scene: &Scene<'_>) -> Vec<(ComponentId, Vec<String>)> {
    let c = &scene.environment.components;
    let id = |kind, name: &String| ComponentId { kind, name: name.clone() };
    let services =
        c.services.values().map(|s| (id(Kind::Service, &s.name), names(&s.uses, s.settings.keys(), s.port)));
    let functions =
        c.functions.values().map(|f| (id(Kind::Function, &f.name), names(&f.uses, f.settings.keys(), None)));
    let jobs = c.jobs.values().map(|j| (id(Kind::Job, &j.name), names(&j.uses, j.settings.keys(), None)));
    services.chain(functions).chain(jobs).collect()
}
