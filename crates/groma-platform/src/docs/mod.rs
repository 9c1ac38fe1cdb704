//! Documentation of an environment, made from what the manifest means: a page of
//! Markdown and a picture.
//!
//! Both are made from one list of things and flows ([`graph`]), so that the page says
//! what the picture shows. They depend on the scene alone: the same scene gives the
//! same bytes, and one component more moves the others without changing their order.
//!
//! Says what is declared, and what was proved of it where a scene has that. What it costs
//! and what runs at the moment are not known here.

mod frames;
mod graph;
mod icons;
mod lanes;
mod layout;
mod markdown;
mod picture;
mod proofs;
mod scene;
mod settings;
mod svg;
mod text;

#[cfg(test)]
mod tests;

pub use proofs::{Proof, Proven};

use crate::model::{Components, Environment, Network, Platform};
use ipnet::Ipv4Net;
use std::collections::BTreeSet;

/// All that documentation of an environment is made from.
#[derive(Clone, Debug)]
pub struct Scene<'a> {
    /// The platform.
    pub platform: &'a Platform,
    /// The network that the environment is in: a declared one, or its own.
    pub network: &'a Network,
    /// The environment.
    pub environment: &'a Environment,
    /// The network's addresses, where they are known.
    pub address: Option<Ipv4Net>,
    /// Other environments in the same network, by slug.
    pub neighbours: Vec<String>,
    /// Services of other environments that connect to services of this one.
    pub callers: Vec<Caller>,
    /// What exists once in the network, as it is there: of databases, caches and streams.
    pub shared: Components,
    /// Whether that is protected.
    pub shared_protected: bool,
    /// NAT gateways of the network while the environment is up and not parked.
    pub nat_gateways: u32,
    /// Interface endpoints of the network, such as `sqs`, where they are known.
    pub endpoints: BTreeSet<String>,
    /// Whether the environment is parked.
    pub parked: bool,
    /// What was proved of the connections that are declared, if that was asked.
    pub proofs: Option<Vec<Proven>>,
}

/// A service of another environment that connects to a service of this one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caller {
    /// The other environment's name.
    pub environment: String,
    /// Its service.
    pub from: String,
    /// The service of this environment.
    pub service: String,
}

/// The page, as Markdown. `diagram_file` is the picture's file name, relative to the
/// page.
pub fn markdown(scene: &Scene<'_>, diagram_file: &str) -> String {
    markdown::page(scene, diagram_file)
}

/// The picture, as SVG.
pub fn diagram(scene: &Scene<'_>) -> String {
    svg::picture(scene)
}
