//! From a finished layout to the picture: columns from left to right, lines, and the
//! frames around boxes.

use super::graph::{self, Place};
use super::layout::{HEAD, MARGIN, PAD, TOP, WIDTH, Work};
use super::picture::{Area, Card, Chip, Face, Label, Picture, Rect, Wire};
use super::text::{count, shorten};
use crate::model::NetworkRef;

impl Work<'_, '_> {
    /// The picture; `spare` pixels go to the space between private and data subnets.
    pub fn finish(self, spare: i32) -> Picture {
        let mut x = MARGIN;
        let mut xs = [0; 5];
        let mut lane_x: Vec<i32> = Vec::new();
        for (c, left) in xs.iter_mut().enumerate() {
            *left = x;
            x += self.widths[c];
            lane_x.push(if c == 1 && self.widths[1] == 0 { x + 4 } else { x + self.sides(c).0 });
            x += self.space(c);
            if c == 3 {
                x += spare;
                lane_x[3] += spare / 2;
            }
        }
        let right = x;
        let at = |space: usize, net: usize| {
            self.lanes[space].get(&net).map(|l| lane_x[space] + self.lane * *l as i32)
        };
        let cards: Vec<Card> = self
            .drafts
            .iter()
            .enumerate()
            .map(|(node, d)| {
                let rect = Rect { x: xs[d.column], y: d.y, w: d.w, h: d.h };
                let labels = d.labels.iter().map(|l| shifted(l, rect.x, rect.y)).collect();
                Card { node, rect, labels }
            })
            .collect();
        let mut nets = self.nets.to_vec();
        let mut wires = Vec::new();
        for (k, n) in nets.iter_mut().enumerate() {
            let to = &self.drafts[n.to];
            let pin = to.y + to.pins.get(&k).copied().unwrap_or(0);
            let at_target = cards[n.to].rect;
            n.tip = (if n.right { at_target.right() } else { at_target.x }, pin);
            for (flow, from) in &n.from {
                let d = &self.drafts[*from];
                let back = d.column > to.column;
                let at_source = cards[*from].rect;
                let start = if back { at_source.x } else { at_source.right() };
                let mut points = Vec::new();
                for (space, y, next) in self.stops(k, *from) {
                    if points.is_empty() {
                        points.push((start, y));
                    }
                    if let Some(x) = at(space, k) {
                        points.push((x, y));
                        points.push((x, next));
                    }
                }
                points.push(n.tip);
                wires.push(Wire { flow: *flow, net: k, points: simplify(&points) });
            }
        }
        let areas = self.areas(&xs, right);
        let chips = self
            .chips
            .iter()
            .map(|c| Chip {
                rect: Rect { x: c.rect.x + xs[2] - PAD, ..c.rect },
                label: shifted(&c.label, xs[2] - PAD, 0),
            })
            .collect();
        let bottom = cards.iter().map(|c| c.rect.bottom()).max().unwrap_or(TOP);
        let beyond = if self.of(&[Place::Beyond]).is_empty() { 0 } else { PAD };
        let bottom = (bottom + beyond).max(self.frame_left).max(self.services.1 + 12);
        let lines = wires.iter().flat_map(|w| w.points.iter().map(|p| p.1)).max().unwrap_or(0);
        Picture {
            graph: self.graph.clone(),
            width: (right + MARGIN + 14).max(WIDTH),
            bottom: bottom.max(lines + 8) + 8,
            areas,
            cards,
            nets,
            wires,
            chips,
        }
    }

    /// The frames, outer ones first.
    fn areas(&self, xs: &[i32; 5], right: i32) -> Vec<Area> {
        let s = self.scene;
        let title = |x: i32, y: i32, text: String, room: i32| Label {
            x,
            y,
            end: false,
            face: Face::Title,
            text: shorten(&text, Face::Title.size(), Face::Title.bold(), room),
        };
        let line = |x: i32, y: i32, text: String, room: i32| Label {
            x,
            y,
            end: false,
            face: Face::Line,
            text: shorten(&text, Face::Line.size(), Face::Line.bold(), room),
        };
        let mut out = Vec::new();
        let account = s.platform.accounts.iter().find(|a| a.name == s.environment.account);
        let id = account.map(|a| format!(" {}", a.id)).unwrap_or_default();
        let left = xs[2] - PAD - 20;
        let notch = xs[3] + self.widths[3] + PAD;
        // The right part ends below the services; the left one may be lower.
        out.push(Area {
            class: "account",
            corners: notched((left, TOP), (right + 10, self.services.1 + 12), (notch + 10, self.frame_left)),
            labels: vec![title(
                left + 10,
                TOP + 18,
                format!("AWS account {}{id} · {}", s.environment.account, s.environment.region),
                right - left,
            )],
            zones: 0,
        });
        let network = match &s.environment.network {
            NetworkRef::Named(n) => format!("Network {n}"),
            NetworkRef::Own => "Network of its own".to_owned(),
        };
        let mut text = network;
        if let Some(c) = s.address.or(s.network.cidr) {
            text.push_str(&format!(" · {c}"));
        }
        text.push_str(&format!(
            " · {}",
            count(u32::from(s.network.zones), "availability zone", "availability zones")
        ));
        let vpc_top = TOP + 28;
        let mut labels = vec![title(left + 20, vpc_top + 18, text, right - left - 30)];
        if !self.chips.is_empty() {
            let room = notch - xs[2];
            labels.push(line(
                xs[2] - PAD,
                self.subnets + 26,
                "Also in this network, with no path from or to it:".into(),
                room,
            ));
        }
        out.push(Area {
            class: "network",
            corners: notched((left + 10, vpc_top), (right, self.data + 10), (notch + 10, self.vpc)),
            labels,
            zones: 0,
        });
        let tiers = s.address.or(s.network.cidr).and_then(graph::tiers);
        let bands = [
            ("Public subnets", "public", 2, self.subnets),
            ("Private subnets", "private", 3, self.subnets),
            ("Data subnets", "data", 4, self.data),
        ];
        for (k, (name, class, c, bottom)) in bands.into_iter().enumerate() {
            let (x, y) = (xs[c] - PAD, TOP + 62);
            let w = self.widths[c] + 2 * PAD;
            let mut labels = vec![title(x + 10, y + 18, name.to_owned(), w - 14)];
            if let Some(t) = &tiers {
                let (range, prefix) = t[k];
                let marks = 10 * i32::from(s.network.zones) + 10;
                labels.push(line(x + 10, y + 34, range.to_string(), w - 14 - marks));
                labels.push(line(x + 10, y + 49, format!("a /{prefix} in each zone"), w - 14));
            }
            if class == "data" && !self.drafts.iter().any(|d| d.column == 4 && d.y < self.data) {
                labels.push(line(x + 10, y + HEAD + 8, "nothing in them".into(), w - 14));
            }
            out.push(Area {
                class,
                corners: notched((x, y), (x + w, bottom), (x + w, bottom)),
                labels,
                zones: s.network.zones,
            });
        }
        let x = xs[4] - PAD;
        let w = self.widths[4] + 2 * PAD;
        if !self.of(&[Place::Services]).is_empty() {
            let y = self.services.0;
            out.push(Area {
                class: "services",
                corners: notched((x, y), (x + w, self.services.1), (x + w, self.services.1)),
                labels: vec![
                    title(x + 10, y + 18, "AWS services".into(), w - 20),
                    line(x + 10, y + 34, "reached through endpoints".into(), w - 20),
                ],
                zones: 0,
            });
        }
        let beyond = self.of(&[Place::Beyond]);
        if let (Some(first), Some(last)) = (beyond.first(), beyond.last()) {
            let y = self.drafts[*first].y - 26;
            let end = self.drafts[*last].y + self.drafts[*last].h + PAD;
            out.push(Area {
                class: "beyond",
                corners: notched((x, y), (x + w, end), (x + w, end)),
                labels: vec![title(x + 10, y + 18, "Beyond".into(), w - 20)],
                zones: 0,
            });
        }
        out
    }
}

/// The corners of a rectangle whose right part ends at the second point's height and
/// whose part left of the third point ends at that one's; no notch if that is higher.
fn notched(a: (i32, i32), b: (i32, i32), left: (i32, i32)) -> Vec<(i32, i32)> {
    if left.1 <= b.1 {
        return vec![a, (b.0, a.1), b, (a.0, b.1)];
    }
    vec![a, (b.0, a.1), b, (left.0, b.1), left, (a.0, left.1)]
}

fn shifted(l: &Label, x: i32, y: i32) -> Label {
    Label { x: l.x + x, y: l.y + y, ..l.clone() }
}

/// Without points that lie on the way.
fn simplify(points: &[(i32, i32)]) -> Vec<(i32, i32)> {
    let mut out: Vec<(i32, i32)> = Vec::new();
    for p in points {
        if out.last() == Some(p) {
            continue;
        }
        if let [.., a, b] = out[..]
            && ((a.0 == b.0 && b.0 == p.0) || (a.1 == b.1 && b.1 == p.1))
        {
            out.pop();
        }
        out.push(*p);
    }
    out
}
