//! Addresses for networks that do not say theirs: the lowest free block of the
//! platform's range. What was given is recorded, so that it stays.

use ipnet::Ipv4Net;

/// The length of the prefix that a network gets: 65,536 addresses.
pub const PREFIX: u8 = 16;

/// The lowest block of `/16` (or, in a smaller range, of a sixteenth of it) in
/// `range` that overlaps none of `taken`. `None` if there is no room.
pub fn free(range: Ipv4Net, taken: &[Ipv4Net]) -> Option<Ipv4Net> {
    let prefix = if range.prefix_len() <= 12 { PREFIX } else { (range.prefix_len() + 4).min(24) };
    range.subnets(prefix).ok()?.find(|n| !taken.iter().any(|t| overlap(*t, *n)))
}

/// Whether two blocks have an address in common.
pub fn overlap(a: Ipv4Net, b: Ipv4Net) -> bool {
    a.contains(&b) || b.contains(&a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_block() {
        let range: Ipv4Net = "10.0.0.0/8".parse().unwrap();
        let taken: Vec<Ipv4Net> =
            ["10.0.0.0/16", "10.1.128.0/20", "10.3.0.0/16"].iter().map(|s| s.parse().unwrap()).collect();
        assert_eq!(free(range, &taken).unwrap().to_string(), "10.2.0.0/16");
        let small: Ipv4Net = "192.168.0.0/20".parse().unwrap();
        assert_eq!(free(small, &[]).unwrap().to_string(), "192.168.0.0/24");
        assert_eq!(free("10.0.0.0/12".parse().unwrap(), &["10.0.0.0/8".parse().unwrap()]), None);
    }
}
