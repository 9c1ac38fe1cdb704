//! Where everything of the picture is.
//!
//! Five columns: outside, edge, public subnets, private subnets, and what these reach
//! (data subnets, AWS services, the world beyond). Order within a column is by kind
//! and name and never by what looks best, so that a new component moves the others
//! without mixing them. Flows to the same target with the same label are one net: they
//! join in a trunk between two columns. Nets that pass a column get a channel between
//! its boxes. Coordinates are whole pixels.

use super::Scene;
use super::graph::{Graph, Place};
use super::lanes::{Span, assign};
use super::picture::{Chip, Face, Label, Net, Picture, Rect};
use super::text::{shorten, width, wrap};
use std::collections::BTreeMap;

/// The width that a picture has unless it needs more.
pub(super) const WIDTH: i32 = 1200;
pub(super) const MARGIN: i32 = 20;
/// Where the columns begin.
pub(super) const TOP: i32 = 96;
/// Between boxes of a column.
const GAP: i32 = 12;
/// The widths of the columns, at least.
const COLUMNS: [i32; 5] = [132, 138, 148, 196, 196];
/// Between two lanes, and if that needs too much room.
const LANES: [i32; 3] = [8, 7, 6];
/// Between exits of a box.
const EXIT: i32 = 8;
/// Between a box and the border of its area.
pub(super) const PAD: i32 = 12;
/// The head of an area of subnets.
pub(super) const HEAD: i32 = 58;

fn column(p: Place) -> usize {
    match p {
        Place::Outside => 0,
        Place::Edge => 1,
        Place::Public => 2,
        Place::Private => 3,
        Place::Data | Place::Services | Place::Beyond => 4,
    }
}

/// A box before it has a place.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub column: usize,
    pub w: i32,
    pub h: i32,
    /// Its upper side.
    pub y: i32,
    pub labels: Vec<Label>,
    /// Nets that enter, with their heights below the upper side.
    pub pins: BTreeMap<usize, i32>,
    /// Nets that leave at the right, and at the left.
    pub right: Vec<usize>,
    pub left: Vec<usize>,
    /// The heights of exits, absolute.
    pub exits: BTreeMap<usize, i32>,
    pub pinned_right: Vec<i32>,
}

impl Picture {
    /// Lays out a scene.
    pub fn new(scene: &Scene<'_>) -> Picture {
        let graph = Graph::new(scene);
        let nets = nets(&graph);
        let mut widths = COLUMNS;
        if !graph.nodes.iter().any(|n| n.place == Place::Edge) {
            widths[1] = 0;
        }
        if !graph.nodes.iter().any(|n| n.place == Place::Outside) {
            widths[0] = 0;
        }
        // What the lanes leave over goes to the boxes; wider boxes are lower, which
        // may change the lanes, so the last attempt stands whatever it needs.
        for attempt in 0..4 {
            let mut work = Work::new(scene, &graph, &nets, widths);
            if attempt == 3 || widths[4] == COLUMNS[4] {
                work.lane = LANES.into_iter().find(|l| work.fits(*l)).unwrap_or(LANES[2]);
            }
            let spare = WIDTH - work.needs();
            if attempt < 3 && spare > 4 && widths[4] < 280 {
                let each = (spare / 2).min(280 - widths[4]);
                widths[3] += each;
                widths[4] += each;
                continue;
            }
            if attempt < 3 && spare < 0 && widths[4] > COLUMNS[4] {
                let each = (-spare + 1) / 2;
                widths[3] = (widths[3] - each).max(COLUMNS[3]);
                widths[4] = (widths[4] - each).max(COLUMNS[4]);
                continue;
            }
            return work.finish(spare.max(0));
        }
        Work::new(scene, &graph, &nets, COLUMNS).finish(0)
    }
}

/// The nets of all flows, in the order of their targets and labels' first flows.
fn nets(graph: &Graph) -> Vec<Net> {
    let index: BTreeMap<&str, usize> =
        graph.nodes.iter().enumerate().map(|(i, n)| (n.id.as_str(), i)).collect();
    let mut out: Vec<Net> = Vec::new();
    let mut ends: Vec<(usize, usize, usize)> = graph
        .flows
        .iter()
        .enumerate()
        .filter_map(|(i, f)| Some((i, *index.get(f.from.as_str())?, *index.get(f.to.as_str())?)))
        .collect();
    ends.sort_by_key(|(i, _, to)| (*to, *i));
    for (flow, from, to) in ends {
        let (a, b) = (column(graph.nodes[from].place), column(graph.nodes[to].place));
        let right = a >= b;
        let label = &graph.flows[flow].label;
        match out.iter_mut().find(|n| n.to == to && n.label == *label && n.right == right) {
            Some(n) => n.from.push((flow, from)),
            None => out.push(Net { to, label: label.clone(), right, from: vec![(flow, from)], tip: (0, 0) }),
        }
    }
    out
}

/// A layout in the making.
pub(super) struct Work<'a, 's> {
    pub scene: &'a Scene<'s>,
    pub graph: &'a Graph,
    pub nets: &'a [Net],
    pub widths: [i32; 5],
    pub lane: i32,
    pub drafts: Vec<Draft>,
    /// The heights at which nets pass columns.
    pub channels: BTreeMap<(usize, usize), i32>,
    /// The lanes of nets in the five spaces right of the columns, and their counts.
    pub lanes: Vec<BTreeMap<usize, usize>>,
    pub counts: [usize; 5],
    /// The bottoms of areas.
    pub subnets: i32,
    pub vpc: i32,
    pub data: i32,
    pub services: (i32, i32),
    pub frame_left: i32,
    pub chips: Vec<Chip>,
}

impl<'a, 's> Work<'a, 's> {
    fn new(scene: &'a Scene<'s>, graph: &'a Graph, nets: &'a [Net], widths: [i32; 5]) -> Self {
        let mut w = Work {
            scene,
            graph,
            nets,
            widths,
            lane: LANES[0],
            drafts: Vec::new(),
            channels: BTreeMap::new(),
            lanes: vec![BTreeMap::new(); 5],
            counts: [0; 5],
            subnets: 0,
            vpc: 0,
            data: 0,
            services: (0, 0),
            frame_left: 0,
            chips: Vec::new(),
        };
        w.measure();
        w.place_targets();
        w.place_private();
        w.place_front();
        w.channel();
        w.place_outside();
        w.exits();
        w.assign_lanes();
        w
    }

    fn place(&self, i: usize) -> Place {
        self.graph.nodes[i].place
    }

    pub fn of(&self, places: &[Place]) -> Vec<usize> {
        (0..self.drafts.len()).filter(|i| places.contains(&self.place(*i))).collect()
    }

    /// Boxes with their texts, relative to their corner.
    fn measure(&mut self) {
        for (i, n) in self.graph.nodes.iter().enumerate() {
            let mut d = Draft { column: column(n.place), ..Draft::default() };
            d.w = self.widths[d.column];
            d.labels = vec![Label {
                x: 34,
                y: 21,
                end: false,
                face: Face::Title,
                text: shorten(&n.title, 13, true, d.w - 42),
            }];
            let mut y = 24;
            // What it is: beside its name, or below where that has no room.
            let rest = d.w - 34 - width(&n.title, 13, true) - 10;
            let beside = width(n.word, 12, false) + 8 <= rest;
            let needless = n.word.is_empty() || n.title.eq_ignore_ascii_case(n.word);
            if beside && !needless {
                d.labels.push(Label {
                    x: d.w - 10,
                    y: 21,
                    end: true,
                    face: Face::Word,
                    text: n.word.to_owned(),
                });
            }
            let below = (!beside && !needless).then(|| n.word.to_owned());
            let off = usize::from(n.off);
            let lines = n.lines[..off].iter().chain(&below).chain(&n.lines[off..]);
            for (k, line) in lines.enumerate() {
                let face = if k < off { Face::Off } else { Face::Line };
                // Bold is wider by up to a seventh.
                let room = if face == Face::Off { (d.w - 18) * 6 / 7 } else { d.w - 18 };
                for row in wrap(line, 12, room, 2) {
                    y += 15;
                    d.labels.push(Label { x: 10, y, end: false, face, text: row });
                }
            }
            y += if n.lines.is_empty() && below.is_none() { 3 } else { 5 };
            for (net, m) in self.nets.iter().enumerate().filter(|(_, m)| m.to == i) {
                let text = shorten(&m.label, 12, false, d.w - 22);
                let x = if m.right { d.w - 11 } else { 11 };
                d.labels.push(Label { x, y: y + 13, end: m.right, face: Face::Pin, text });
                d.pins.insert(net, y + 9);
                if m.right {
                    d.pinned_right.push(y + 9);
                }
                y += 17;
            }
            for (net, m) in self.nets.iter().enumerate() {
                if !m.from.iter().any(|(_, from)| *from == i) {
                    continue;
                }
                if d.column > column(self.place(m.to)) { d.left.push(net) } else { d.right.push(net) }
            }
            for net in &d.left {
                d.exits.insert(*net, y + 7);
                y += 12;
            }
            let need = 24 + (EXIT + 3) * d.right.len() as i32 + 26 * d.pinned_right.len() as i32;
            d.h = (y + 5).max(need);
            self.drafts.push(d);
        }
    }

    /// One below the other; the lower end.
    fn stack(&mut self, boxes: &[usize], top: i32, gap: i32) -> i32 {
        let mut y = top;
        for (k, i) in boxes.iter().enumerate() {
            if k > 0 {
                y += gap;
            }
            self.drafts[*i].y = y;
            y += self.drafts[*i].h;
        }
        y
    }

    /// The upper side of what is in subnets.
    fn content(&self) -> i32 {
        TOP + 62 + HEAD
    }

    /// Data subnets, AWS services, the world beyond.
    fn place_targets(&mut self) {
        let boxes = self.of(&[Place::Data]);
        let end = self.stack(&boxes, self.content(), GAP);
        self.data = if boxes.is_empty() { end + 20 } else { end + PAD };
        let boxes = self.of(&[Place::Services]);
        let top = self.data + 28;
        self.services = if boxes.is_empty() {
            (top, self.data + 10)
        } else {
            (top, self.stack(&boxes, top + 44, GAP) + PAD)
        };
        let boxes = self.of(&[Place::Beyond]);
        let top = self.services.1 + 12 + 20;
        self.stack(&boxes, top + 26, GAP);
    }

    /// What runs, spread a little if there is room.
    fn place_private(&mut self) {
        let boxes = self.of(&[Place::Private]);
        let opposite: Vec<i32> = self
            .drafts
            .iter()
            .filter(|d| d.column == 4)
            .flat_map(|d| {
                d.left.iter().filter_map(|n| d.exits.get(n)).chain(d.pins.values()).map(|y| d.y + y)
            })
            .collect();
        let high: i32 = boxes.iter().map(|i| self.drafts[*i].h).sum();
        let room = self.services.1 - self.content() - high;
        let gap = (room / (boxes.len() as i32 + 1).max(2)).clamp(GAP + 2, 34);
        let mut end = self.content() - gap;
        for i in boxes {
            // Where something enters at the right, nothing may enter or leave on the
            // other side of the space at the same height.
            let (y, d) = (end + gap, &self.drafts[i]);
            let near = |shift: i32| {
                let pins = d.pinned_right.iter().map(|p| y + shift + p);
                pins.filter(|p| opposite.iter().any(|o| (o - p).abs() < 4)).count()
            };
            let shift = (0..17).min_by_key(|s| (near(*s), *s)).unwrap_or(0);
            end = y + shift + d.h;
            self.drafts[i].y = y + shift;
        }
        let end = end.max(self.content());
        let passing = self.nets.iter().filter(|n| self.passes(n, 3) && !self.outer(n)).count() as i32;
        self.subnets = end + PAD + if passing > 0 { 8 + passing * EXIT } else { 0 };
    }

    /// Load balancers and NAT, near what they lead to; then the borders of the network.
    fn place_front(&mut self) {
        let boxes = self.of(&[Place::Public]);
        let wanted: Vec<Option<i32>> = boxes.iter().map(|i| self.wanted(*i)).collect();
        let low = self.subnets - PAD;
        self.settle(&boxes, &wanted, self.content(), low);
        let end =
            boxes.iter().map(|i| self.drafts[*i].y + self.drafts[*i].h).max().unwrap_or(self.content() + 20);
        self.subnets = self.subnets.max(end + PAD);
        self.vpc = self.subnets + 10;
        self.neighbours();
        self.vpc = self.vpc.max(self.data + 10);
    }

    /// The others in the same network, below the subnets.
    fn neighbours(&mut self) {
        if self.scene.neighbours.is_empty() {
            return;
        }
        // Relative to the left border of the public subnets.
        let room = self.widths[2] + self.widths[3] + 4 * PAD;
        let (mut x, mut y) = (0, self.vpc + 26);
        for n in &self.scene.neighbours {
            let text = shorten(n, 12, false, room - 60);
            let w = width(&text, 12, false) + 44;
            if x > 0 && x + w > room {
                (x, y) = (0, y + 34);
            }
            let label = Label { x: x + 32, y: y + 18, end: false, face: Face::Line, text };
            self.chips.push(Chip { rect: Rect { x, y, w, h: 26 }, label });
            x += w + 10;
        }
        self.vpc = y + 26 + 12;
    }

    /// Where a box would like its centre: in a line with what it leads to; outside of
    /// the network, with the uppermost.
    fn wanted(&self, i: usize) -> Option<i32> {
        let mut ys: Vec<i32> =
            self.drafts[i].right.iter().filter_map(|n| self.goal(*n, self.drafts[i].column)).collect();
        ys.sort_unstable();
        let middle = if self.drafts[i].column < 2 { 0 } else { ys.len().saturating_sub(1) / 2 };
        ys.get(middle).copied()
    }

    /// The height to which a net goes on from a column: of its next channel, or of its pin.
    fn goal(&self, net: usize, column: usize) -> Option<i32> {
        if let Some(y) = self.channels.get(&(net, column + 1)) {
            return Some(*y);
        }
        let to = &self.drafts[self.nets[net].to];
        to.pins.get(&net).map(|y| to.y + y)
    }

    /// Places boxes in their order, each as near as possible to where it wants its
    /// centre; those that want nothing come as low as allowed. Blocks that touch move
    /// together.
    fn settle(&mut self, boxes: &[usize], wanted: &[Option<i32>], top: i32, low: i32) {
        struct Block {
            first: usize,
            sum: i64,
            count: i64,
            high: i32,
        }
        let mut blocks: Vec<Block> = Vec::new();
        let place = |b: &Block| ((b.sum as f64 / b.count as f64).round() as i32).max(top);
        for (k, i) in boxes.iter().enumerate() {
            let h = self.drafts[*i].h;
            let y = wanted[k].map_or(low - h, |c| c - h / 2);
            let mut b = Block { first: k, sum: i64::from(y), count: 1, high: h };
            while let Some(last) = blocks.last() {
                if place(last) + last.high + GAP <= place(&b) {
                    break;
                }
                // Where the joined block's first box wants to be.
                let shift = i64::from(last.high + GAP);
                b = Block {
                    first: last.first,
                    sum: last.sum + b.sum - shift * b.count,
                    count: last.count + b.count,
                    high: last.high + GAP + b.high,
                };
                blocks.pop();
            }
            blocks.push(b);
        }
        for (k, b) in blocks.iter().enumerate() {
            let next = blocks.get(k + 1).map_or(boxes.len(), |n| n.first);
            self.stack(&boxes[b.first..next], place(b), GAP);
        }
    }

    /// Whether a net comes from left of a column and goes to its right.
    fn passes(&self, n: &Net, column: usize) -> bool {
        let to = self::column(self.place(n.to));
        to > column && n.from.iter().any(|(_, f)| self::column(self.place(*f)) < column)
    }

    /// Whether a net from outside leads to what is outside of the network: it then
    /// passes below it.
    fn outer(&self, n: &Net) -> bool {
        matches!(self.place(n.to), Place::Services | Place::Beyond)
    }

    /// Channels through columns 3 and 2.
    fn channel(&mut self) {
        let mut lowest = self.vpc;
        for net in 0..self.nets.len() {
            for column in [3, 2] {
                if !self.passes(&self.nets[net], column) {
                    continue;
                }
                let goal = self.goal(net, column).unwrap_or(0);
                let (from, to) = if self.outer(&self.nets[net]) {
                    (self.vpc + 10, i32::MAX)
                } else {
                    (self.content(), self.subnets - 6)
                };
                let y = self.free(column, goal, from, to);
                self.channels.insert((net, column), y);
                if self.outer(&self.nets[net]) {
                    lowest = lowest.max(y);
                }
            }
        }
        self.frame_left = lowest + 12;
    }

    /// The height nearest to a wanted one at which nothing of a column is in the way.
    fn free(&self, column: usize, wanted: i32, from: i32, to: i32) -> i32 {
        let clear = |y: i32| {
            y >= from
                && y <= to
                && self.drafts.iter().filter(|d| d.column == column).all(|d| y < d.y - 6 || y > d.y + d.h + 6)
                && self.channels.iter().all(|((_, c), other)| *c != column || (y - other).abs() >= EXIT)
        };
        let wanted = wanted.clamp(from, to);
        (0..4000).flat_map(|d| [wanted + d, wanted - d]).find(|y| clear(*y)).unwrap_or(wanted)
    }

    /// The columns in front of the network.
    fn place_outside(&mut self) {
        for column in [1, 0] {
            let boxes: Vec<usize> =
                (0..self.drafts.len()).filter(|i| self.drafts[*i].column == column).collect();
            let wanted: Vec<Option<i32>> = boxes.iter().map(|i| self.wanted(*i)).collect();
            self.settle(&boxes, &wanted, TOP + 30, self.subnets);
            if column == 1 {
                for net in 0..self.nets.len() {
                    if self.passes(&self.nets[net], 1) {
                        let goal = self.goal(net, 1).unwrap_or(0);
                        let y = self.free(1, goal, TOP, i32::MAX);
                        self.channels.insert((net, 1), y);
                    }
                }
            }
        }
    }

    /// Heights at which nets leave boxes at the right.
    fn exits(&mut self) {
        let lefts: Vec<(usize, i32)> = self
            .drafts
            .iter()
            .flat_map(|d| d.left.iter().filter_map(|n| Some((*n, d.y + d.exits.get(n)?))))
            .collect();
        for i in 0..self.drafts.len() {
            let d = &self.drafts[i];
            let mut nets: Vec<(i32, usize)> =
                d.right.iter().map(|n| (self.goal(*n, d.column).unwrap_or(0), *n)).collect();
            nets.sort_unstable();
            // Where other nets enter on the other side of the space.
            let opposite: Vec<(usize, i32)> = self
                .nets
                .iter()
                .enumerate()
                .filter(|(_, n)| column(self.place(n.to)) == d.column + 1)
                .filter_map(|(k, _)| self.goal(k, d.column).map(|y| (k, y)))
                .chain(lefts.iter().copied().filter(|_| d.column == 3))
                .chain(
                    self.channels.iter().filter(|((_, c), _)| *c == d.column + 1).map(|((k, _), y)| (*k, *y)),
                )
                .collect();
            let slots: Vec<i32> = (d.y + 12..=d.y + d.h - 8)
                .filter(|y| d.pinned_right.iter().all(|p| (d.y + p - y).abs() >= 8))
                .collect();
            let n = nets.len();
            // The lowest height of each that leaves room for those that follow.
            let mut lowest = vec![d.y + d.h / 2; n];
            let mut next = i32::MAX;
            for low in lowest.iter_mut().rev() {
                if let Some(y) = slots.iter().rev().find(|y| **y <= next) {
                    (*low, next) = (*y, *y - EXIT);
                }
            }
            let mut exits = d.exits.iter().map(|(k, y)| (*k, d.y + y)).collect::<BTreeMap<_, _>>();
            let mut last = i32::MIN / 2;
            for (k, (goal, net)) in nets.iter().enumerate() {
                let allowed: Vec<i32> =
                    slots.iter().copied().filter(|y| *y >= last + EXIT && *y <= lowest[k]).collect();
                let even = slots.get((2 * k + 1) * slots.len() / (2 * n)).copied().unwrap_or(d.y + d.h / 2);
                let wish = if allowed.contains(goal) { *goal } else { even };
                let near = |y: &i32| opposite.iter().any(|(o, p)| o != net && (p - y).abs() < 4);
                let y = allowed
                    .iter()
                    .copied()
                    .filter(|y| !near(y))
                    .min_by_key(|y| (y - wish).abs())
                    .or_else(|| allowed.iter().copied().min_by_key(|y| (y - wish).abs()))
                    .unwrap_or(even);
                exits.insert(*net, y);
                last = y;
            }
            self.drafts[i].exits = exits;
        }
    }

    /// The stops of a flow: the space right of a column, the height at which it comes
    /// into that space and the one at which it goes on.
    pub fn stops(&self, net: usize, from: usize) -> Vec<(usize, i32, i32)> {
        let n = &self.nets[net];
        let (a, b) = (self.drafts[from].column, self.drafts[n.to].column);
        let mut y = self.drafts[from].exits.get(&net).copied().unwrap_or(0);
        let pin = self.drafts[n.to].y + self.drafts[n.to].pins.get(&net).copied().unwrap_or(0);
        let mut out = Vec::new();
        if b > a {
            for column in a..b {
                let next = if column + 1 == b {
                    pin
                } else {
                    self.channels.get(&(net, column + 1)).copied().unwrap_or(pin)
                };
                out.push((column, y, next));
                y = next;
            }
        } else {
            out.push((b, y, pin));
        }
        out
    }

    fn assign_lanes(&mut self) {
        let mut spans: Vec<BTreeMap<usize, Span>> = vec![BTreeMap::new(); 5];
        for (net, n) in self.nets.iter().enumerate() {
            for (_, from) in &n.from {
                let back = self.drafts[*from].column > self.drafts[n.to].column;
                for (space, y, next) in self.stops(net, *from) {
                    let s = spans[space].entry(net).or_default();
                    let last = space + 1 == self.drafts[n.to].column || n.right;
                    if back {
                        s.right.push(y)
                    } else {
                        s.left.push(y)
                    }
                    if n.right && last { s.left.push(next) } else { s.right.push(next) }
                }
            }
        }
        for (space, spans) in spans.into_iter().enumerate() {
            let list: Vec<Span> = spans
                .values()
                .map(|s| {
                    let mut s = s.clone();
                    for side in [&mut s.left, &mut s.right] {
                        side.sort_unstable();
                        side.dedup();
                    }
                    s
                })
                .collect();
            let (lanes, count) = assign(&list);
            self.counts[space] = count;
            self.lanes[space] = spans.keys().zip(lanes).filter_map(|(n, l)| Some((*n, l?))).collect();
        }
    }

    /// The room in front of the lanes of a space, and behind them.
    pub fn sides(&self, space: usize) -> (i32, i32) {
        match space {
            0 if self.widths[0] == 0 => (0, 0),
            0 => (12, 16),
            // Left of the borders of account, network and subnets.
            1 => (12, 16 + 10 + 10 + PAD),
            2 => (PAD + 8, PAD + 14),
            // Right of the same borders, left of the data subnets.
            3 => (PAD + 20, PAD + 14),
            _ => (14, 10),
        }
    }

    pub fn space(&self, space: usize) -> i32 {
        if space == 0 && self.widths[0] == 0 {
            return 0;
        }
        if space == 1 && self.widths[1] == 0 {
            return self.sides(1).1 + self.lane * self.counts[1] as i32;
        }
        let (a, b) = self.sides(space);
        a + b + self.lane * (self.counts[space] as i32 - 1).max(0)
    }

    /// Whether the picture has its usual width with lanes of a distance.
    fn fits(&self, lane: i32) -> bool {
        let saved: usize = self.counts.iter().map(|c| c.saturating_sub(1)).sum();
        self.needs() - saved as i32 * (self.lane - lane) <= WIDTH
    }

    /// The width of the picture.
    fn needs(&self) -> i32 {
        let spaces: i32 = (0..5).map(|s| self.space(s)).sum();
        2 * MARGIN + 14 + self.widths.iter().sum::<i32>() + spaces
    }
}
