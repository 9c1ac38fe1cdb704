//! The picture of a way: one column, from the sender down to the receiver, and the
//! answer beside it.

use super::show::{hop_word, packet};
use groma_prove::model::Network;
use groma_prove::witness::{Hop, HopKind, Witness};

const WIDTH: usize = 460;
const ROW: usize = 62;
const GAP: usize = 24;

fn escape(s: &str) -> String {
    s.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// At most `n` characters, the end kept: that is where the name is.
fn tail(s: &str, n: usize) -> String {
    let count = s.chars().count();
    if count <= n {
        s.to_owned()
    } else {
        format!("…{}", s.chars().skip(count + 1 - n).collect::<String>())
    }
}

fn head(s: &str, n: usize) -> String {
    let count = s.chars().count();
    if count <= n { s.to_owned() } else { format!("{}…", s.chars().take(n - 1).collect::<String>()) }
}

fn color(k: HopKind, doubt: bool) -> &'static str {
    if doubt {
        return "#b7791f";
    }
    match k {
        HopKind::Source | HopKind::Destination => "#2b6cb0",
        HopKind::GroupOut | HopKind::GroupIn => "#2f855a",
        HopKind::AclOut | HopKind::AclIn => "#6b46c1",
        HopKind::Route | HopKind::HubRoute => "#4a5568",
        HopKind::Relay => "#c05621",
        HopKind::Unknown | HopKind::BlockedAccess => "#b7791f",
        _ => "#0987a0",
    }
}

fn column(net: &Network, hops: &[Hop], x: usize, y: usize, out: &mut String) {
    for (i, h) in hops.iter().enumerate() {
        let top = y + i * (ROW + GAP);
        let c = color(h.kind, h.doubt.is_some());
        let item = &net.items[h.item.index()];
        let place = item.place.as_ref().map(|p| format!("{}:{}", p.file, p.line)).unwrap_or_default();
        let what = match &h.doubt {
            Some(d) => format!("perhaps: {}", d.why),
            None => h.what.to_string(),
        };
        out.push_str(&format!(
            "<rect x=\"{x}\" y=\"{top}\" width=\"{WIDTH}\" height=\"{ROW}\" rx=\"6\" fill=\"#fff\" stroke=\"{c}\" stroke-width=\"1.5\"/>\
             <rect x=\"{x}\" y=\"{top}\" width=\"6\" height=\"{ROW}\" rx=\"3\" fill=\"{c}\"/>\
             <text x=\"{}\" y=\"{}\" class=\"k\" fill=\"{c}\">{}</text>\
             <text x=\"{}\" y=\"{}\" class=\"p\" text-anchor=\"end\">{}</text>\
             <text x=\"{}\" y=\"{}\" class=\"n\">{}</text>\
             <text x=\"{}\" y=\"{}\" class=\"w\">{}</text>\n",
            x + 16,
            top + 17,
            hop_word(h.kind),
            x + WIDTH - 10,
            top + 17,
            escape(&tail(&place, 46)),
            x + 16,
            top + 35,
            escape(&tail(&item.name, 58)),
            x + 16,
            top + 52,
            escape(&head(&what, 74)),
        ));
        if i + 1 < hops.len() {
            let (mx, from, to) = (x + WIDTH / 2, top + ROW, top + ROW + GAP - 3);
            out.push_str(&format!(
                "<line x1=\"{mx}\" y1=\"{from}\" x2=\"{mx}\" y2=\"{to}\" stroke=\"#718096\" stroke-width=\"1.5\" marker-end=\"url(#a)\"/>\n"
            ));
        }
    }
}

/// An SVG of all connections of a way.
pub fn svg(net: &Network, title: &str, w: &Witness) -> String {
    let mut body = String::new();
    let mut y = 64;
    for (i, c) in w.connections.iter().enumerate() {
        let which = if w.connections.len() > 1 { format!("{}. ", i + 1) } else { String::new() };
        body.push_str(&format!(
            "<text x=\"24\" y=\"{y}\" class=\"h\">{which}{}</text>\n",
            escape(&packet(&c.packet))
        ));
        if !c.back.is_empty() {
            body.push_str(&format!(
                "<text x=\"{}\" y=\"{y}\" class=\"h\">the answer</text>\n",
                24 + WIDTH + 40
            ));
        }
        y += 14;
        column(net, &c.forward, 24, y, &mut body);
        column(net, &c.back, 24 + WIDTH + 40, y, &mut body);
        y += c.forward.len().max(c.back.len()) * (ROW + GAP) + 24;
    }
    let two = w.connections.iter().any(|c| !c.back.is_empty());
    let width = 48 + WIDTH + if two { WIDTH + 40 } else { 0 };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{y}\" viewBox=\"0 0 {width} {y}\" font-family=\"system-ui, sans-serif\">\n\
         <style>.k{{font-size:11px;font-weight:600}}.p{{font-size:10px;fill:#718096}}.n{{font-size:12px;font-weight:600;fill:#1a202c}}.w{{font-size:11px;fill:#4a5568}}.h{{font-size:13px;font-weight:600;fill:#2d3748}}.t{{font-size:16px;font-weight:700;fill:#1a202c}}</style>\n\
         <defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"6\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#718096\"/></marker></defs>\n\
         <rect width=\"{width}\" height=\"{y}\" fill=\"#f7fafc\"/>\n\
         <text x=\"24\" y=\"34\" class=\"t\">{}</text>\n{body}</svg>\n",
        escape(&head(title, if two { 110 } else { 56 }))
    )
}
