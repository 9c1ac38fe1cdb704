//! From arguments to what components mean.

mod compute;
mod data;
mod people;

use super::Manifest;
use super::decode::{Args, Context};
use super::environment::Resolved;
use super::reference;
use super::value::{Val, ValKind};
use crate::model::*;
use groma_lang::Diagnostics;
use std::collections::BTreeSet;

/// The sizes of the environments that are like one another, the original first.
pub(super) struct Layers<'a> {
    /// Each one's own `size`.
    pub sizes: &'a [f64],
}

impl Layers<'_> {
    /// The share of what a layer says that is left in the environment.
    pub fn share(&self, layer: usize) -> f64 {
        self.sizes.iter().skip(layer).product()
    }
    /// The share of an argument, wherever it is said.
    pub fn share_of(&self, args: &Args, name: &str) -> f64 {
        self.share(args.get(name).map_or(0, |v| v.layer))
    }
}

/// What a component is built from.
struct Parts<'a> {
    m: &'a Manifest,
    name: &'a str,
    args: &'a Args,
    layers: &'a Layers<'a>,
    context: &'a Context<'a>,
}

impl Parts<'_> {
    fn uses(&self, name: &str) -> Vec<Use> {
        let used = |v: &Val| match &v.kind {
            ValKind::Ref(r) => Some(Use { target: reference::used(r, self.context).ok()?, span: v.span }),
            _ => None,
        };
        self.args.elements(name).iter().filter_map(used).collect()
    }
    /// A list of words, `None` where none are written.
    fn words(&self, name: &str) -> Option<Vec<String>> {
        self.args.get(name).map(|_| self.args.texts(name))
    }
    fn whole(&self, name: &str) -> u32 {
        self.args.whole(name).unwrap_or(0)
    }
}

/// Puts a component into an environment, or reports why it cannot be.
#[allow(clippy::too_many_arguments, reason = "each is another thing")]
pub(super) fn component(
    m: &Manifest,
    kind: Kind,
    name: &str,
    args: &Args,
    layers: &Layers<'_>,
    context: &Context<'_>,
    into: &mut Components,
    diags: &mut Diagnostics,
) {
    let p = Parts { m, name, args, layers, context };
    let name = name.to_owned();
    match kind {
        Kind::Service => drop(compute::service(&p, diags).map(|c| into.services.insert(name, c))),
        Kind::Function => drop(into.functions.insert(name, compute::function(&p, diags))),
        Kind::Job => drop(compute::job(&p, diags).map(|c| into.jobs.insert(name, c))),
        Kind::Database => drop(data::database(&p, diags).map(|c| into.databases.insert(name, c))),
        Kind::Cache => drop(into.caches.insert(name, data::cache(&p))),
        Kind::Queue => drop(into.queues.insert(name, data::queue(&p))),
        Kind::Topic => drop(into.topics.insert(name, data::topic(&p))),
        Kind::Stream => drop(into.streams.insert(name, data::stream(&p))),
        Kind::Bucket => drop(into.buckets.insert(name, data::bucket(&p, diags))),
        Kind::Secret => drop(into.secrets.insert(name, data::secret(&p))),
        Kind::Mail => drop(into.mails.insert(name, data::mail(&p))),
        Kind::Access => drop(into.accesses.insert(name, people::access(&p, diags))),
        Kind::Role => drop(into.roles.insert(name, people::role(&p, diags))),
        Kind::Edge => drop(into.edges.insert(name, people::edge(&p, diags))),
        Kind::Vpn => drop(people::vpn(&p, diags).map(|c| into.vpns.insert(name, c))),
        Kind::Alarm => drop(into.alarms.insert(name, people::alarm(&p, diags))),
        Kind::Module => drop(into.modules.insert(name, people::module(&p, diags))),
    }
}

/// Every `uses`, `tunnel` and `reaches` of an environment, with who says it.
pub(super) fn all_uses(c: &Components) -> Vec<(ComponentId, &Use)> {
    let mut out = Vec::new();
    macro_rules! of {
        ($map:expr, $kind:expr, $field:ident) => {
            for (name, x) in $map {
                out.extend(x.$field.iter().map(|u| (ComponentId { kind: $kind, name: name.clone() }, u)));
            }
        };
    }
    of!(&c.services, Kind::Service, uses);
    of!(&c.functions, Kind::Function, uses);
    of!(&c.jobs, Kind::Job, uses);
    of!(&c.roles, Kind::Role, uses);
    of!(&c.accesses, Kind::Access, tunnel);
    of!(&c.vpns, Kind::Vpn, reaches);
    out
}

/// The port of a service that says none and needs one.
const PORT: u16 = 8080;

/// Gives ports to services that something connects to.
pub(super) fn ports(m: &Manifest, resolved: &mut Resolved) {
    let c = &resolved.environment.components;
    let mut reached: BTreeSet<String> = all_uses(c)
        .into_iter()
        .filter_map(|(_, u)| match &u.target {
            UseTarget::Component { id, .. } if id.kind == Kind::Service => Some(id.name.clone()),
            _ => None,
        })
        .collect();
    reached.extend(reached_from_elsewhere(m, &resolved.environment.name));
    for s in resolved.environment.components.services.values_mut() {
        if s.port.is_none() && (!s.hosts.is_empty() || reached.contains(&s.name)) {
            s.port = Some(PORT);
        }
    }
}

/// Services of an environment that another one may use, as far as it is written
/// somewhere: `environment.dev.service.web`.
fn reached_from_elsewhere(m: &Manifest, environment: &str) -> Vec<String> {
    let mut out = Vec::new();
    let overrides = m.entries.iter().flat_map(|e| &e.block.body.blocks).map(|b| &b.body);
    for body in m.entries.iter().map(|e| &e.block.body).chain(overrides) {
        for r in body.attributes.iter().flat_map(|a| a.expr.references()) {
            let steps: Vec<&str> = r
                .steps
                .iter()
                .filter_map(|s| match s {
                    groma_lang::ast::TraversalStep::Attr(a) => Some(&*a.name),
                    groma_lang::ast::TraversalStep::Index(v, _) => v.as_str(),
                })
                .collect();
            if let ("environment", [name, "service", service, ..]) = (&*r.root.name, &steps[..])
                && *name == environment
            {
                out.push((*service).to_owned());
            }
        }
    }
    out
}
