//! What a picture consists of when everything has its place.

use super::graph::{Flow, Graph, Node, Sort};

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rect {
    pub x: i32,
    pub y: i32,
    pub w: i32,
    pub h: i32,
}

impl Rect {
    pub fn right(&self) -> i32 {
        self.x + self.w
    }
    pub fn bottom(&self) -> i32 {
        self.y + self.h
    }
}

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    /// A box's or an area's title.
    Title,
    /// A fact.
    Line,
    /// What a box is.
    Word,
    /// The label of arrows, inside the box to which they lead.
    Pin,
    /// That something stands still.
    Off,
}

impl Face {
    pub fn size(self) -> i32 {
        if self == Face::Title { 13 } else { 12 }
    }
    pub fn bold(self) -> bool {
        matches!(self, Face::Title | Face::Off)
    }
}

/// A text at its baseline.
#[derive(Clone, Debug)]
pub(super) struct Label {
    pub x: i32,
    pub y: i32,
    /// Whether `x` is the text's end.
    pub end: bool,
    pub face: Face,
    pub text: String,
}

/// A box.
#[derive(Clone, Debug)]
pub(super) struct Card {
    pub node: usize,
    pub rect: Rect,
    pub labels: Vec<Label>,
}

/// A frame around boxes.
#[derive(Clone, Debug)]
pub(super) struct Area {
    /// The class for the style sheet.
    pub class: &'static str,
    /// The corners.
    pub corners: Vec<(i32, i32)>,
    pub labels: Vec<Label>,
    /// How many zones to mark at its upper right corner.
    pub zones: u8,
}

/// The flows with one target and one label.
#[derive(Clone, Debug)]
pub(super) struct Net {
    pub to: usize,
    pub label: String,
    /// Whether it enters at the right side.
    pub right: bool,
    /// Flows and the nodes that they come from.
    pub from: Vec<(usize, usize)>,
    /// The tip of the arrow.
    pub tip: (i32, i32),
}

/// The line of a flow.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pub flow: usize,
    pub net: usize,
    pub points: Vec<(i32, i32)>,
}

/// A neighbour in the network.
#[derive(Clone, Debug)]
pub(super) struct Chip {
    pub rect: Rect,
    pub label: Label,
}

/// The whole.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    pub graph: Graph,
    pub width: i32,
    /// Where the part below the columns begins.
    pub bottom: i32,
    pub areas: Vec<Area>,
    pub cards: Vec<Card>,
    pub nets: Vec<Net>,
    pub wires: Vec<Wire>,
    pub chips: Vec<Chip>,
}

/// The sorts of what is in a graph, for the legend.
pub(super) fn sorts(graph: &Graph) -> Vec<Sort> {
    let mut out: Vec<Sort> = graph.nodes.iter().map(|n: &Node| n.sort).collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// What a flow says, for people who point at it.
pub(super) fn sentence(f: &Flow) -> String {
    let told = match f.told.words() {
        "" => String::new(),
        words => format!(", {words}"),
    };
    format!("{} → {}: {} ({}){told}", f.from, f.to, f.label, f.why)
}
