//! The picture as SVG.

use super::Scene;
use super::graph::{self, Node, Sort};
use super::icons::{colour, sign, tint};
use super::picture::{Area, Card, Face, Label, Picture, sentence, sorts};
use super::proofs::{Proof, Told};
use super::text::{count, shorten, width, xml};
use crate::model::NetworkRef;
use std::fmt::Write;

/// The style sheet. The font's size is at least 12 pixels everywhere.
const STYLE: &str = "\
text{font-family:Helvetica,Arial,'Liberation Sans','DejaVu Sans',sans-serif;font-size:12px;fill:#334155}
.t{font-size:13px;font-weight:700;fill:#0f172a}
.h{font-size:22px;font-weight:700;fill:#0f172a}
.s{font-size:13px;fill:#334155}
.p{fill:#0f172a}
.w{fill:#475569;font-style:italic}
.o{font-weight:700;fill:#b45309}
.account{fill:#f8fafc;stroke:#94a3b8;stroke-dasharray:6 4}
.network{fill:#ffffff;stroke:#475569;stroke-width:2}
.public{fill:#fff7ed;stroke:#fdba74}
.private{fill:#eef4ff;stroke:#a5c0f5}
.data{fill:#eafaf2;stroke:#86d9b4}
.services{fill:#f1f5f9;stroke:#cbd5e1}
.beyond{fill:#ffffff;stroke:#94a3b8;stroke-dasharray:3 3}
.wire{fill:none;stroke-width:1.6}
.wire:hover{stroke-width:3.4}
.casing{fill:none;stroke:#ffffff;stroke-width:5;stroke-opacity:.85}
.chip{fill:#f8fafc;stroke:#64748b;stroke-dasharray:4 3}
.sign{fill:none;stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}
";

/// The picture of a scene.
pub(super) fn picture(scene: &Scene<'_>) -> String {
    let p = Picture::new(scene);
    let mut body = String::new();
    head(&mut body, scene, p.width);
    for a in &p.areas {
        area(&mut body, a);
    }
    for chip in &p.chips {
        let r = chip.rect;
        let _ = writeln!(
            body,
            "<rect class=\"chip\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\"/>",
            r.x, r.y, r.w, r.h
        );
        // The sign for what does not lead anywhere.
        let (x, y) = (r.x + 16, r.y + 13);
        let _ = writeln!(
            body,
            "<g class=\"sign\" stroke=\"#b91c1c\"><circle cx=\"{x}\" cy=\"{y}\" r=\"7\"/><path d=\"M{} {}L{} {}\"/></g>",
            x - 5,
            y - 5,
            x + 5,
            y + 5
        );
        label(&mut body, &chip.label);
    }
    wires(&mut body, &p);
    for c in &p.cards {
        card(&mut body, c, &p.graph.nodes[c.node]);
    }
    let height = legend(&mut body, &p);
    let env = scene.environment;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {height}\" width=\"{w}\" height=\"{height}\" role=\"img\" aria-label=\"{name}\">\n<style>\n{STYLE}</style>\n<rect width=\"{w}\" height=\"{height}\" rx=\"8\" fill=\"#ffffff\"/>\n{body}</svg>\n",
        w = p.width,
        name = xml(&format!("{} {}: what there is and who may reach what", scene.platform.name, env.slug)),
    )
}

/// Title, and where it is.
fn head(out: &mut String, scene: &Scene<'_>, room: i32) {
    let env = scene.environment;
    let title = shorten(&format!("{} · {}", scene.platform.name, env.slug), 22, true, room - 260);
    let _ = writeln!(out, "<text class=\"h\" x=\"20\" y=\"38\">{}</text>", xml(&title));
    if scene.parked {
        let x = 20 + width(&title, 22, true) + 18;
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"19\" width=\"74\" height=\"24\" rx=\"12\" fill=\"#fef3c7\" stroke=\"#b45309\"/><text class=\"o\" x=\"{}\" y=\"35\" text-anchor=\"middle\">parked</text>",
            x + 37
        );
    }
    let account = scene.platform.accounts.iter().find(|a| a.name == env.account);
    let id = account.map(|a| format!(" ({})", a.id)).unwrap_or_default();
    let network = match &env.network {
        NetworkRef::Named(n) => format!("network {n}"),
        NetworkRef::Own => "network of its own".to_owned(),
    };
    let mut parts = vec![format!("account {}{id}", env.account), env.region.clone(), network];
    parts.extend(scene.address.or(scene.network.cidr).map(|c| c.to_string()));
    parts.push(count(u32::from(scene.network.zones), "availability zone", "availability zones"));
    let facts = graph::facts(scene);
    let first = shorten(&parts.join(" · "), 13, false, room - 40);
    let _ = writeln!(out, "<text class=\"s\" x=\"20\" y=\"60\">{}</text>", xml(&first));
    if !facts.is_empty() {
        let second = shorten(&facts.join(" · "), 13, false, room - 40);
        let _ = writeln!(out, "<text class=\"s\" x=\"20\" y=\"79\">{}</text>", xml(&second));
    }
}

fn area(out: &mut String, a: &Area) {
    let _ = writeln!(out, "<path class=\"{}\" d=\"{}\"/>", a.class, rounded(&a.corners, 8, true));
    for l in &a.labels {
        label(out, l);
    }
    let (x, y) = a.corners.get(1).copied().unwrap_or_default();
    for z in 0..i32::from(a.zones) {
        let _ = writeln!(
            out,
            "<rect x=\"{}\" y=\"{}\" width=\"7\" height=\"7\" rx=\"1.5\" fill=\"#ffffff\" stroke=\"#64748b\"/>",
            x - 18 - 10 * (i32::from(a.zones) - 1 - z),
            y + 26
        );
    }
}

fn label(out: &mut String, l: &Label) {
    let class = match l.face {
        Face::Title => " class=\"t\"",
        Face::Pin => " class=\"p\"",
        Face::Off => " class=\"o\"",
        Face::Word => " class=\"w\"",
        Face::Line => "",
    };
    let end = if l.end { " text-anchor=\"end\"" } else { "" };
    let _ = writeln!(out, "<text{class} x=\"{}\" y=\"{}\"{end}>{}</text>", l.x, l.y, xml(&l.text));
}

fn icon(out: &mut String, sort: Sort, x: i32, y: i32) {
    let _ = writeln!(
        out,
        "<g class=\"sign\" stroke=\"{}\" transform=\"translate({x} {y})\">{}</g>",
        colour(sort),
        sign(sort)
    );
}

fn card(out: &mut String, c: &Card, n: &Node) {
    let r = c.rect;
    let dash = if n.off || n.sort == Sort::Module { " stroke-dasharray=\"5 3\"" } else { "" };
    let fill = if n.off { "#f1f5f9" } else { tint(n.sort) };
    let _ = writeln!(out, "<g data-node=\"{}\">", xml(&n.id));
    let what = if n.word.is_empty() { n.title.clone() } else { format!("{} {}", n.word, n.title) };
    let all = std::iter::once(what).chain(n.lines.iter().cloned()).collect::<Vec<_>>().join(", ");
    let _ = writeln!(out, "<title>{}</title>", xml(&all));
    let _ = writeln!(
        out,
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\" fill=\"{fill}\" stroke=\"{}\" stroke-width=\"1.3\"{dash}/>",
        r.x,
        r.y,
        r.w,
        r.h,
        colour(n.sort)
    );
    icon(out, n.sort, r.x + 10, r.y + 7);
    for l in &c.labels {
        label(out, l);
    }
    out.push_str("</g>\n");
}

/// How a line is drawn, by what was proved of it.
fn stroke(told: Told, colour: &str) -> String {
    match told {
        Told::NotAsked | Told::Found(Proof::Works) => format!("stroke=\"{colour}\""),
        Told::Elsewhere => format!("stroke=\"{colour}\" stroke-opacity=\".5\""),
        Told::Found(Proof::Unknown) => format!("stroke=\"{colour}\" stroke-dasharray=\"7 4\""),
        Told::Found(Proof::Blocked) => "stroke=\"#b91c1c\" stroke-dasharray=\"2 3\"".to_owned(),
    }
}

/// All lines, net by net: a light casing below the lines of each, so that crossings
/// look like crossings and not like joints.
fn wires(out: &mut String, p: &Picture) {
    for (k, net) in p.nets.iter().enumerate() {
        let sort = p.graph.nodes[net.to].sort;
        let colour = colour(sort);
        let mine: Vec<_> = p.wires.iter().filter(|w| w.net == k).collect();
        for w in &mine {
            let _ = writeln!(out, "<path class=\"casing\" d=\"{}\"/>", rounded(&w.points, 6, false));
        }
        for w in &mine {
            let f = &p.graph.flows[w.flow];
            let _ = writeln!(
                out,
                "<path class=\"wire\" {} data-flow=\"{}\" d=\"{}\"><title>{}</title></path>",
                stroke(f.told, colour),
                xml(&format!("{} -> {} {}", f.from, f.to, f.label)),
                rounded(&w.points, 6, false),
                xml(&sentence(f))
            );
        }
        let (x, y) = net.tip;
        let back = if net.right { 9 } else { -9 };
        let _ = writeln!(
            out,
            "<path fill=\"{colour}\" d=\"M{x} {y}L{} {}L{} {}Z\"/>",
            x + back,
            y - 4,
            x + back,
            y + 4
        );
    }
}

/// The signs that occur, and what a line means; the height of the picture.
fn legend(out: &mut String, p: &Picture) -> i32 {
    let mut y = p.bottom + 14;
    let _ = writeln!(
        out,
        "<line x1=\"20\" y1=\"{0}\" x2=\"{1}\" y2=\"{0}\" stroke=\"#cbd5e1\"/>",
        y - 8,
        p.width - 20
    );
    let mut x = 20;
    for sort in sorts(&p.graph) {
        let w = 26 + width(sort.word(), 12, false) + 18;
        if x + w > p.width - 20 {
            (x, y) = (20, y + 26);
        }
        icon(out, sort, x, y);
        let _ = writeln!(out, "<text x=\"{}\" y=\"{}\">{}</text>", x + 25, y + 13, sort.word());
        x += w;
    }
    y += 30;
    let mut x = 20;
    let mut note = |out: &mut String, mark: &str, text: &str| {
        let w = 24 + width(text, 12, false);
        if x + w > p.width - 20 {
            (x, y) = (20, y + 24);
        }
        let _ = writeln!(
            out,
            "<g transform=\"translate({x} {y})\">{mark}</g><text x=\"{}\" y=\"{}\">{text}</text>",
            x + 24,
            y + 13
        );
        x += w + 22;
    };
    note(
        out,
        "<rect x=\"5\" y=\"5\" width=\"7\" height=\"7\" rx=\"1.5\" fill=\"#ffffff\" stroke=\"#64748b\"/>",
        "a subnet in a zone",
    );
    if p.graph.nodes.iter().any(|n| n.off) {
        note(
            out,
            "<rect x=\"1\" y=\"3\" width=\"15\" height=\"11\" rx=\"3\" fill=\"#f1f5f9\" stroke=\"#475569\" stroke-dasharray=\"5 3\"/>",
            "stands still while parked",
        );
    }
    if !p.chips.is_empty() {
        note(
            out,
            "<g class=\"sign\" stroke=\"#b91c1c\"><circle cx=\"8\" cy=\"8\" r=\"7\"/><path d=\"M3 3L13 13\"/></g>",
            "no path",
        );
    }
    for told in
        [Told::Found(Proof::Works), Told::Found(Proof::Unknown), Told::Found(Proof::Blocked), Told::Elsewhere]
    {
        if p.graph.flows.iter().any(|f| f.told == told) {
            let mark = format!("<path class=\"wire\" {} d=\"M0 9H18\"/>", stroke(told, "#334155"));
            note(out, &mark, told.words());
        }
    }
    y += 26;
    let _ = writeln!(
        out,
        "<path class=\"wire\" stroke=\"#334155\" d=\"M20 {0}H52\"/><path fill=\"#334155\" d=\"M60 {0}L51 {1}V{2}Z\"/>",
        y + 9,
        y + 5,
        y + 13
    );
    let text = "who may connect to or call what, with right and port; lines that join lead to the same place; where there is no line, there is no way";
    let _ = writeln!(
        out,
        "<text x=\"70\" y=\"{}\">{}</text>",
        y + 13,
        xml(&shorten(text, 12, false, p.width - 100))
    );
    y + 34
}

/// A path with rounded corners.
fn rounded(points: &[(i32, i32)], radius: i32, closed: bool) -> String {
    let n = points.len();
    let mut d = String::new();
    let toward = |a: (i32, i32), b: (i32, i32), by: i32| {
        (a.0 + (b.0 - a.0).signum() * by, a.1 + (b.1 - a.1).signum() * by)
    };
    let length = |a: (i32, i32), b: (i32, i32)| (a.0 - b.0).abs() + (a.1 - b.1).abs();
    for (i, p) in points.iter().enumerate() {
        let corner = closed || (i > 0 && i + 1 < n);
        if !corner {
            let _ = write!(d, "{}{} {}", if i == 0 { 'M' } else { 'L' }, p.0, p.1);
            continue;
        }
        let (before, after) = (points[(i + n - 1) % n], points[(i + 1) % n]);
        let r = radius.min(length(before, *p) / 2).min(length(*p, after) / 2);
        let (a, b) = (toward(*p, before, r), toward(*p, after, r));
        let _ =
            write!(d, "{}{} {}Q{} {} {} {}", if i == 0 { 'M' } else { 'L' }, a.0, a.1, p.0, p.1, b.0, b.1);
    }
    if closed {
        d.push('Z');
    }
    d
}
