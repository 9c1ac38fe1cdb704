//! What holds of every picture, tried with random environments.

use super::super::picture::{Card, Picture, Rect};
use super::super::text::width;
use super::build::World;
use crate::model::*;
use std::collections::{BTreeMap, BTreeSet};

/// Numbers that look random and are the same each time (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
    fn some<'a>(&mut self, list: &[&'a str], odds: usize) -> Vec<&'a str> {
        list.iter().copied().filter(|_| self.roll(odds) == 0).collect()
    }
}

const NAMES: [&str; 12] = [
    "a",
    "web",
    "api",
    "worker",
    "payments",
    "accounts-receivable",
    "media",
    "jobs",
    "thumbnail-generator-two",
    "x1",
    "ledger",
    "front",
];

/// An environment of a random choice of everything.
fn random(seed: u64) -> World {
    let mut d = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for _ in 0..5 {
        d.roll(2);
    }
    let mut w = World::new("random", "some-environment", ("main", "111111111111"));
    w.network.zones = 1 + d.roll(6) as u8;
    w.parked = d.roll(4) == 0;
    w.env.park_load_balancer = d.roll(2) == 0;
    w.nat = [0, 1, 3][d.roll(3)];
    w.neighbours = d.some(&["dev", "qa", "branch-fix-login", "branch-another-one", "staging", "test"], 3);
    let odds = 1 + d.roll(4);
    let names = |d: &mut Dice| d.some(&NAMES, odds + 1);
    let mut targets: Vec<String> = Vec::new();
    for n in names(&mut d) {
        w.database(n, ["aurora-mysql-8.0", "postgres-16"][d.roll(2)], "db.r7g.large", d.roll(3) as u32);
        targets.extend([format!("database.{n}.write"), format!("database.{n}.read")]);
        if d.roll(2) == 0 {
            break;
        }
    }
    for n in names(&mut d).into_iter().take(2) {
        w.cache(n, "redis-7.1", 1, d.roll(4) as u32);
        targets.push(format!("cache.{n}"));
    }
    for n in names(&mut d).into_iter().take(2) {
        w.stream(n);
        targets.extend([format!("stream.{n}.produce"), format!("stream.{n}.consume")]);
    }
    let queues = names(&mut d);
    for n in &queues {
        w.queue(n);
        targets.extend([format!("queue.{n}.send"), format!("queue.{n}.receive")]);
    }
    let topics = names(&mut d);
    for n in &topics {
        let mut to = vec![Subscriber::Email("somebody-with-a-name@mail.levels.example".into())];
        to.extend(queues.iter().filter(|_| d.roll(3) == 0).map(|q| Subscriber::Queue((*q).to_owned())));
        w.topic(n, to);
        targets.push(format!("topic.{n}.publish"));
    }
    let buckets = names(&mut d);
    for (i, n) in buckets.iter().enumerate() {
        let cdn = (d.roll(3) == 0).then(|| format!("{n}.a-rather-long-name.levels.example"));
        let copy = (i > 0 && d.roll(2) == 0).then(|| buckets[0]);
        w.bucket(n, cdn.as_deref(), copy);
        targets.extend([format!("bucket.{n}.read"), format!("bucket.{n}.write")]);
    }
    for n in names(&mut d) {
        w.secret(n);
        targets.push(format!("secret.{n}"));
    }
    targets.extend(["internet".to_owned(), "internet:api.stripe.com".into(), "env:dev.web".into()]);
    if d.roll(2) == 0 {
        w.mail("levels.example");
        targets.push("mail.mail".into());
    }
    if d.roll(2) == 0 {
        w.edge("front", EdgeKind::Cloudflare);
    }
    let services = names(&mut d);
    let called: Vec<String> = services.iter().map(|s| format!("service.{s}")).collect();
    targets.extend(called.iter().cloned());
    let all: Vec<&str> = targets.iter().map(String::as_str).collect();
    for n in &services {
        let hosts: Vec<String> = (0..d.roll(3))
            .map(|i| format!("{n}{i}.an-environment-with-a-long-name.levels.example"))
            .collect();
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        let list: Vec<&str> = d.some(&all, 3).into_iter().filter(|u| *u != format!("service.{n}")).collect();
        let edge = w.env.components.edges.keys().next().cloned().filter(|_| d.roll(2) == 0);
        let run = [Run::Instances, Run::Fargate, Run::Containers][d.roll(3)];
        let s = w.containers(n, run, &hosts, (1, 1 + d.roll(9) as u32), &list);
        s.edge = edge;
        s.scale.cpu = Some(60);
    }
    for n in names(&mut d) {
        let mut on = Vec::new();
        on.extend(queues.iter().filter(|_| d.roll(4) == 0).map(|q| Trigger::Queue((*q).into())));
        on.extend(topics.iter().filter(|_| d.roll(4) == 0).map(|q| Trigger::Topic((*q).into())));
        on.extend(buckets.iter().filter(|_| d.roll(4) == 0).map(|q| Trigger::Created((*q).into())));
        let list = d.some(&all, 6);
        w.function(n, on, &list);
    }
    for n in names(&mut d).into_iter().take(2) {
        let list = d.some(&all, 6);
        w.job(n, "cron(0 4 1 * ? *)", &list);
    }
    for n in ["engineers", "analysts"] {
        let list =
            d.some(&all, 5).into_iter().filter(|u| u.starts_with("database") || u.starts_with("service"));
        let list: Vec<&str> = list.collect();
        w.access(n, &["198.51.100.0/24"], &list);
    }
    if d.roll(2) == 0 {
        let list =
            d.some(&all, 3).into_iter().filter(|u| u.starts_with("database") || u.starts_with("service"));
        let list: Vec<&str> = list.collect();
        w.vpn("datacentre", &list);
    }
    if d.roll(2) == 0 {
        let list = d.some(&all, 3).into_iter().filter(|u| u.starts_with("bucket") || u.starts_with("queue"));
        let list: Vec<&str> = list.collect();
        w.role("deployer", "github:levels/application", &list);
    }
    for s in services.iter().take(d.roll(3)) {
        let (environment, from) = ("tools".to_owned(), "monitoring".to_owned());
        w.callers.push(super::super::Caller { environment, from, service: (*s).to_owned() });
    }
    w
}

fn overlap(a: Rect, b: Rect) -> bool {
    a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
}

/// What a text covers.
fn extent(l: &super::super::picture::Label) -> Rect {
    let w = width(&l.text, l.face.size(), l.face.bold());
    Rect { x: if l.end { l.x - w } else { l.x }, y: l.y - 10, w, h: 13 }
}

fn contains(outer: Rect, inner: Rect) -> bool {
    inner.x >= outer.x
        && inner.right() <= outer.right()
        && inner.y >= outer.y
        && inner.bottom() <= outer.bottom()
}

type Point = (i32, i32);

pub(super) fn check(scene: &super::super::Scene<'_>, at: &str) {
    let p = Picture::new(scene);
    boxes(&p, at);
    lines(&p, at);
}

fn boxes(p: &Picture, at: &str) {
    let chips = p.chips.iter().map(|c| (c.rect, std::slice::from_ref(&c.label)));
    let cards: Vec<_> = p.cards.iter().map(|c| (c.rect, &c.labels[..])).chain(chips).collect();
    for (i, (a, labels)) in cards.iter().enumerate() {
        assert!(
            a.x >= 0 && a.right() <= p.width && a.y > 0 && a.bottom() <= p.bottom,
            "{at}: outside: {a:?}"
        );
        for (b, _) in &cards[..i] {
            assert!(!overlap(*a, *b), "{at}: {a:?} and {b:?} overlap");
        }
        for (k, l) in labels.iter().enumerate() {
            assert!(contains(*a, extent(l)), "{at}: {l:?} is outside of {a:?}");
            for other in &labels[..k] {
                assert!(!overlap(extent(l), extent(other)), "{at}: {l:?} and {other:?} overlap");
            }
        }
    }
    let heads: Vec<_> = p.areas.iter().flat_map(|a| &a.labels).collect();
    for (k, l) in heads.iter().enumerate() {
        for (r, _) in &cards {
            assert!(!overlap(*r, extent(l)), "{at}: {l:?} and {r:?} overlap");
        }
        for other in &heads[..k] {
            assert!(!overlap(extent(l), extent(other)), "{at}: {l:?} and {other:?} overlap");
        }
    }
}

fn at_side(c: &Card, p: Point) -> bool {
    (p.0 == c.rect.x || p.0 == c.rect.right()) && p.1 > c.rect.y && p.1 < c.rect.bottom()
}

fn lines(p: &Picture, at: &str) {
    let mut drawn: BTreeMap<usize, usize> = BTreeMap::new();
    let mut segments: Vec<(usize, Point, Point)> = Vec::new();
    for w in &p.wires {
        *drawn.entry(w.flow).or_default() += 1;
        let f = &p.graph.flows[w.flow];
        let name = format!("{at}: {} -> {} {}", f.from, f.to, f.label);
        let card = |id: &str| p.cards.iter().find(|c| p.graph.nodes[c.node].id == id).unwrap();
        assert!(at_side(card(&f.from), w.points[0]), "{name} begins elsewhere: {:?}", w.points);
        assert!(at_side(card(&f.to), *w.points.last().unwrap()), "{name} ends elsewhere: {:?}", w.points);
        for pair in w.points.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            assert!(a.0 == b.0 || a.1 == b.1, "{name} is not orthogonal: {a:?} {b:?}");
            let r = Rect { x: a.0.min(b.0), y: a.1.min(b.1), w: (a.0 - b.0).abs(), h: (a.1 - b.1).abs() };
            for c in &p.cards {
                let inside = r.x < c.rect.right()
                    && r.right() > c.rect.x
                    && r.y < c.rect.bottom()
                    && r.bottom() > c.rect.y;
                assert!(!inside, "{name} crosses {}: {a:?} {b:?}", p.graph.nodes[c.node].id);
            }
            segments.push((w.net, a.min(b), a.max(b)));
        }
    }
    assert_eq!(drawn.len(), p.graph.flows.len(), "{at}: flows without a line");
    assert!(drawn.values().all(|n| *n == 1), "{at}: flows with two lines");
    for (i, (net, a, b)) in segments.iter().enumerate() {
        for (other, c, d) in &segments[..i] {
            if net == other {
                continue;
            }
            let same_row = a.1 == b.1 && c.1 == d.1 && (a.1 - c.1).abs() < 2 && a.0 < d.0 && c.0 < b.0;
            let same_column = a.0 == b.0 && c.0 == d.0 && (a.0 - c.0).abs() < 2 && a.1 < d.1 && c.1 < b.1;
            assert!(
                !same_row && !same_column,
                "{at}: {:?} and {:?} lie on each other: {a:?} {b:?} {c:?} {d:?}",
                p.nets[*net],
                p.nets[*other]
            );
        }
    }
}

#[test]
fn the_five_systems() {
    for (name, w) in super::systems::all() {
        check(&w.scene(), name);
    }
}

#[test]
fn random_environments() {
    for seed in 1..=120 {
        check(&random(seed).scene(), &format!("seed {seed}"));
    }
}

/// An environment with nothing in it has a picture too.
#[test]
fn nothing() {
    check(&World::new("empty", "dev", ("main", "111111111111")).scene(), "nothing");
}

/// The boxes of each column from top to bottom.
fn order(p: &Picture) -> BTreeMap<i32, Vec<String>> {
    let mut columns: BTreeMap<i32, Vec<(i32, String)>> = BTreeMap::new();
    // Columns may move and become narrower; their centres keep their order.
    let mut xs: Vec<i32> = p.cards.iter().map(|c| c.rect.x).collect();
    xs.sort_unstable();
    xs.dedup();
    for c in &p.cards {
        let column = xs.iter().position(|x| *x == c.rect.x).unwrap() as i32;
        columns.entry(column).or_default().push((c.rect.y, p.graph.nodes[c.node].id.clone()));
    }
    columns
        .into_iter()
        .map(|(k, mut v)| {
            v.sort();
            (k, v.into_iter().map(|(_, id)| id).collect())
        })
        .collect()
}

#[test]
fn one_component_more_shuffles_nothing() {
    for (name, mut w) in super::systems::all() {
        let before = order(&Picture::new(&w.scene()));
        w.service("midway", &["midway.levels.example"], (1, 2), &["queue.more.send", "secret.more"]);
        w.queue("more");
        w.secret("more");
        let after = order(&Picture::new(&w.scene()));
        let new: BTreeSet<&str> = ["service.midway", "queue.more", "secret.more", "load_balancer"].into();
        for (column, ids) in &before {
            let kept: Vec<&String> = after[column].iter().filter(|id| !new.contains(id.as_str())).collect();
            let old: Vec<&String> = ids.iter().filter(|id| !new.contains(id.as_str())).collect();
            assert_eq!(kept, old, "{name}");
        }
    }
}

/// The same scene, the same bytes.
#[test]
fn the_same_bytes() {
    let text = super::diagram(&random(7).scene());
    assert_eq!(text, super::diagram(&random(7).scene()));
}

/// What names contain is text and not markup.
#[test]
fn escaped() {
    let mut w = World::new("levels", "prod", ("main", "111111111111"));
    w.topic("t", vec![Subscriber::Https("https://x.example/?a=1&b=<2>\"".into())]);
    let text = super::diagram(&w.scene());
    assert!(text.contains("a=1&amp;b=&lt;2&gt;&quot;"), "{text}");
    assert!(!text.contains("<2>"));
}
