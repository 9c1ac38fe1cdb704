//! The engine: from a configuration and a state to a plan, and from a plan to a
//! new state.
//!
//! This crate owns the graph of static objects (resources, values, providers),
//! the walks over it (validate, plan, apply, evaluation for `console`), the plan
//! model, plan files and plan JSON. It reaches providers through
//! [`Providers`], tells what happens through [`Observer`], and hands every
//! finished operation to a [`StateSink`] before anything depends on it.
//!
//! Invariants: one thread owns a walk, so no value is locked; provider calls are
//! futures that run concurrently up to the parallelism limit. Graph nodes are
//! objects of the configuration, never instances: cost is linear in instances.
//! Nothing here prints or reads the environment.

mod actions;
mod apply;
mod checks;
mod context;
mod deferral;
mod destroy_edges;
mod ephemeral;
mod evaluate;
mod executor;
mod expand;
mod generate;
mod graph;
mod graph_view;
mod identity;
mod ignore;
pub mod json;
mod mock;
mod moves;
mod objects;
mod overlay;
mod plan;
mod plan_data;
mod plan_delete;
mod plan_managed;
mod plan_walk;
pub mod planfile;
mod provider_calls;
mod provider_configs;
mod provider_functions;
mod provision;
mod query;
pub mod rehearse;
mod rules;
mod scope;
mod target;
mod triggers;
mod validate;
mod values;
mod walk;

pub use actions::{ActionAddr, Invocation, Trigger};
pub use apply::{apply, apply_then};
pub use checks::{CheckKind, CheckObject, CheckResult, CheckResults, CheckStatus};
pub use context::{
    ActionStage, Context, Event, Interrupt, NoSink, Observer, Operation, Providers, Quiet, SchemaMap,
    StateChange, StateSink,
};
pub use deferral::{Cause, DeferredChange, DeferredReason};
pub use evaluate::{Evaluation, evaluate_state};
pub use generate::{Generated, generate_config};
pub use graph::resource_dependencies;
pub use graph_view::{Vertex, VertexKind, destroy_graph, operation_graph};
pub use identity::{IdentityChange, identity_text};
pub use objects::{object_value, value_object};
pub use overlay::{Fill, MockProvider, ModuleOverride, ObjectOverride, Overlay};
pub use plan::PlanCounts;
pub use plan::{
    Action, ActionReason, Importing, OutputChange, Plan, PlanMode, PlanOptions, ResourceChange, VariableInput,
};
pub use plan_walk::{plan, plan_then};
pub use query::{Found, query};
pub use scope::ModuleScope;
pub use validate::validate;
