//! What was proved of the connections of a scene.

use super::graph::{Flow, INTERNET, OUT};
use crate::flow::FlowEnd;

/// What is known of a connection that is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// It works, whatever is unknown turns out to be.
    Works,
    /// Something that is unknown decides whether it works.
    Unknown,
    /// It does not work.
    Blocked,
}

/// A connection that is declared, with what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// Who opens it.
    pub from: FlowEnd,
    /// To whom.
    pub to: FlowEnd,
    /// What was found.
    pub proof: Proof,
}

/// What a picture tells of a flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Told {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// It is no connection in the network: a right at a service of AWS, an edge, a session.
    Elsewhere,
    /// This.
    Found(Proof),
}

impl Told {
    /// What was found of a flow: the worst of the connections that it stands for.
    pub fn of(all: Option<&[Proven]>, flow: &Flow) -> Told {
        let Some(all) = all else { return Told::NotAsked };
        let found = all.iter().filter(|p| is(&p.from, &flow.from) && is(&p.to, &flow.to)).map(|p| p.proof);
        found.max().map_or(Told::Elsewhere, Told::Found)
    }

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Told::NotAsked => "",
            Told::Elsewhere => "not in the network",
            Told::Found(Proof::Works) => "proved",
            Told::Found(Proof::Unknown) => "not proved",
            Told::Found(Proof::Blocked) => "refuted",
        }
    }
}

/// Whether an end is what a node stands for.
fn is(end: &FlowEnd, id: &str) -> bool {
    match end {
        FlowEnd::Component(c) => match id.strip_prefix("bastion.") {
            Some(access) => c.to_string() == format!("access.{access}"),
            None => c.to_string() == id,
        },
        FlowEnd::Internet => id == INTERNET || id == OUT,
        FlowEnd::Front => id == "load_balancer" || id.starts_with("load_balancer."),
        FlowEnd::InsideElsewhere(env) => id.strip_prefix("environment.") == Some(env),
        FlowEnd::Elsewhere(..) | FlowEnd::Services | FlowEnd::Inside | FlowEnd::Hosts => false,
    }
}
