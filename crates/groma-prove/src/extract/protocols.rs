//! Protocols and ports as rules write them.

use super::read::Known;
use crate::model::{Ports, Protocol};

/// Names that the provider takes beside numbers (IANA, "Assigned Internet Protocol Numbers").
const NAMES: [(&str, u8); 24] = [
    ("hopopt", 0),
    ("icmp", 1),
    ("igmp", 2),
    ("ggp", 3),
    ("ipv4", 4),
    ("st", 5),
    ("tcp", 6),
    ("egp", 8),
    ("igp", 9),
    ("udp", 17),
    ("rdp", 27),
    ("dccp", 33),
    ("ipv6", 41),
    ("rsvp", 46),
    ("gre", 47),
    ("esp", 50),
    ("ah", 51),
    ("icmpv6", 58),
    ("eigrp", 88),
    ("ospf", 89),
    ("pim", 103),
    ("vrrp", 112),
    ("l2tp", 115),
    ("sctp", 132),
];

/// The protocol; `None` if it is not known.
pub(crate) fn protocol_of(text: Known<&str>) -> Option<Protocol> {
    let text = match text {
        Known::Is(t) => t.trim().to_ascii_lowercase(),
        _ => return None,
    };
    if text == "-1" || text == "all" {
        return Some(Protocol::Any);
    }
    if let Ok(n) = text.parse::<u8>() {
        return Some(Protocol::Number(n));
    }
    NAMES.iter().find(|(name, _)| *name == text).map(|(_, n)| Protocol::Number(*n))
}

/// Ports, `Some(None)` for all; `None` if they are not known.
pub(crate) fn ports_of(from: Known<i64>, to: Known<i64>) -> Option<Option<Ports>> {
    match (from, to) {
        (Known::Is(-1), _) | (_, Known::Is(-1)) => Some(None),
        (Known::Is(f), Known::Is(t)) => {
            let (f, t) = (u16::try_from(f).ok()?, u16::try_from(t).ok()?);
            Some(Some(Ports { from: f.min(t), to: f.max(t) }))
        }
        _ => None,
    }
}
