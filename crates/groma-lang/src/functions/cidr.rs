//! IP networks.
//!
//! Addresses may have leading zeros (`010.0.0.0`), which mean nothing.

use super::Function;
use super::build::*;
use groma_value::{Number, Type, Value};
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The longest extension of a prefix that `cidrsubnets` makes.
const LONGEST_EXTENSION: i64 = 32;

pub(super) fn functions() -> Vec<Function> {
    let prefix = || param("prefix", Type::String, "The network, such as 10.0.0.0/16.");
    let newbits = || param("newbits", Type::Number, "By how many bits to make the prefix longer.");
    vec![
        function(
            "cidrhost",
            "The address of a host in a network.",
            [prefix(), param("hostnum", Type::Number, "The host's number; from the end if negative.")],
            Type::String,
            cidrhost,
        ),
        function("cidrnetmask", "The network mask of an IPv4 network.", [prefix()], Type::String, |a| {
            let net = network(text(&a[0])).or_else(fail)?;
            if net.bits != 32 {
                return fail(format!("IPv6 addresses cannot have a netmask: {}", text(&a[0])));
            }
            Ok(Value::string(Ipv4Addr::from(!net.host_mask() as u32).to_string()))
        }),
        function(
            "cidrsubnet",
            "A network within a network.",
            [prefix(), newbits(), param("netnum", Type::Number, "The number of the inner network.")],
            Type::String,
            cidrsubnet,
        ),
        function(
            "cidrsubnets",
            "Consecutive networks within a network.",
            [prefix()],
            Type::list(Type::String),
            cidrsubnets,
        )
        .variadic(newbits()),
        // As in OpenTofu.
        function(
            "cidrcontains",
            "Whether a network contains an address or a network.",
            [
                param("containing_prefix", Type::String, "The network."),
                param("contained_ip_or_prefix", Type::String, "The address or network that may be in it."),
            ],
            Type::Bool,
            cidrcontains,
        )
        .nullable(),
    ]
}

/// A network (or, between operations, any address with a prefix length).
#[derive(Clone, Copy)]
struct Network {
    /// 32 or 128.
    bits: u32,
    addr: u128,
    len: u32,
}

impl Network {
    /// Ones where a host's number is.
    fn host_mask(&self) -> u128 {
        match self.bits - self.len {
            128 => u128::MAX,
            n => (1 << n) - 1,
        }
    }
    fn first(&self) -> u128 {
        self.addr & !self.host_mask()
    }
    fn last(&self) -> u128 {
        self.addr | self.host_mask()
    }
    fn contains(&self, addr: u128) -> bool {
        self.first() <= addr && addr <= self.last()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", address_text(self.bits, self.addr), self.len)
    }
}

fn address_text(bits: u32, addr: u128) -> String {
    if bits == 32 {
        return Ipv4Addr::from(addr as u32).to_string();
    }
    let ip = Ipv6Addr::from(addr);
    match ip.to_ipv4_mapped() {
        Some(v4) => v4.to_string(),
        None => ip.to_string(),
    }
}

/// Parses `address/length`; host bits are cleared.
fn network(s: &str) -> Result<Network, String> {
    parse_network(s).ok_or_else(|| format!("invalid CIDR expression: invalid CIDR address: {s}"))
}

fn parse_network(s: &str) -> Option<Network> {
    let (addr, len) = s.split_once('/')?;
    let (bits, addr) = parse_address(addr)?;
    let len = decimal(len, bits)?;
    let net = Network { bits, addr, len };
    Some(Network { addr: net.first(), ..net })
}

/// An address and how many bits its family has.
fn parse_address(s: &str) -> Option<(u32, u128)> {
    if s.contains(':') { Some((128, parse_v6(s)?)) } else { Some((32, parse_v4(s)?.into())) }
}

fn decimal(s: &str, max: u32) -> Option<u32> {
    if s.is_empty() || !s.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let n: u32 = s.parse().ok()?;
    (n <= max).then_some(n)
}

fn parse_v4(s: &str) -> Option<u32> {
    let parts: Vec<u32> = s.split('.').map(|p| decimal(p, 255)).collect::<Option<_>>()?;
    (parts.len() == 4).then(|| parts.iter().fold(0, |n, p| n << 8 | p))
}

fn parse_v6(s: &str) -> Option<u128> {
    let groups = |s: &str| -> Option<Vec<u16>> {
        let mut out = Vec::new();
        if s.is_empty() {
            return Some(out);
        }
        let parts: Vec<&str> = s.split(':').collect();
        for (i, part) in parts.iter().enumerate() {
            if part.contains('.') && i + 1 == parts.len() {
                let v4 = parse_v4(part)?;
                out.extend([(v4 >> 16) as u16, v4 as u16]);
            } else if part.bytes().all(|b| b.is_ascii_hexdigit()) {
                out.push(u16::from_str_radix(part, 16).ok()?);
            } else {
                return None;
            }
        }
        Some(out)
    };
    let all = match s.split_once("::") {
        Some((head, tail)) => {
            // The part before the gap cannot end in an IPv4 address.
            let (head, tail) = (groups(head).filter(|_| !head.contains('.'))?, groups(tail)?);
            let gap = 8usize.checked_sub(head.len() + tail.len()).filter(|n| *n > 0)?;
            [head, vec![0; gap], tail].concat()
        }
        None => groups(s)?,
    };
    (all.len() == 8).then(|| all.iter().fold(0, |n, g| n << 16 | u128::from(*g)))
}

/// A whole number of any size. What does not fit has no place in an address.
fn whole(v: &Value) -> Res<(Number, Option<i128>)> {
    let n = number(v)?;
    if !n.is_integer() {
        return fail("value must be a whole number");
    }
    Ok((n.clone(), n.as_i128()))
}

fn cidrhost(args: &[Value]) -> Res<Value> {
    let (shown, host) = whole(&args[1])?;
    let net = network(text(&args[0])).or_else(fail)?;
    let mask = net.host_mask();
    let too_large = |n: &dyn fmt::Display| {
        fail(format!("prefix of {} does not accommodate a host numbered {n}", net.len))
    };
    let addr = match host {
        None => {
            // Only the upper half of ::/0 has numbers that large.
            match number(&args[1])?.to_integer().and_then(|n| u128::try_from(n).ok()) {
                Some(n) if n <= mask => net.addr | n,
                _ => return too_large(&shown),
            }
        }
        Some(n) if n >= 0 => {
            if n as u128 > mask {
                return too_large(&shown);
            }
            net.addr | n as u128
        }
        Some(n) => {
            let back = n.unsigned_abs() - 1;
            if back > mask {
                return too_large(&(mask as i128).wrapping_sub(back as i128));
            }
            net.addr | (mask - back)
        }
    };
    Ok(Value::string(address_text(net.bits, addr)))
}

fn cidrsubnet(args: &[Value]) -> Res<Value> {
    let newbits = int(&args[1])?;
    let (shown, num) = whole(&args[2])?;
    let net = network(text(&args[0])).or_else(fail)?;
    let len = i64::from(net.len).saturating_add(newbits);
    if len > i64::from(net.bits) || len < 0 {
        return fail(format!("insufficient address space to extend prefix of {} by {newbits}", net.len));
    }
    let len = len as u32;
    let fits = |n: u128| newbits >= 128 || n < 1u128.checked_shl(newbits.max(0) as u32).unwrap_or(u128::MAX);
    let num = match num.map(u128::try_from) {
        Some(Ok(n)) if fits(n) => n,
        _ => {
            return fail(format!(
                "prefix extension of {newbits} does not accommodate a subnet numbered {shown}"
            ));
        }
    };
    let addr = net.addr | num.checked_shl(net.bits - len).unwrap_or(0);
    Ok(Value::string(Network { addr, len, ..net }.to_string()))
}

fn cidrsubnets(args: &[Value]) -> Res<Value> {
    let net = network(text(&args[0])).or_else(|e| fail_arg(0, e))?;
    let mut out = Vec::new();
    // The address after the last network; `None` beyond the last address.
    let mut next = Some(net.addr);
    let mut last: Option<Network> = None;
    for i in 1..args.len() {
        let newbits = int_arg(args, i)?;
        if newbits < 1 {
            return fail_arg(i, "must extend prefix by at least one bit");
        }
        if newbits > LONGEST_EXTENSION {
            return fail_arg(i, format!("may not extend prefix by more than {LONGEST_EXTENSION} bits"));
        }
        let len = net.len + newbits as u32;
        if len > net.bits {
            let family = if net.bits == 32 { "IPv4" } else { "IPv6" };
            return fail_arg(
                i,
                format!("would extend prefix to {len} bits, which is too long for an {family} address"),
            );
        }
        let mut subnet = Network { len, ..net };
        // The first address from `next` on at which such a network can begin.
        let start = next.and_then(|n| n.checked_add(subnet.host_mask())).map(|n| n & !subnet.host_mask());
        match start {
            Some(addr) if net.contains(addr) => subnet.addr = addr,
            _ => {
                let after = last.map_or_else(|| net.to_string(), |n| n.to_string());
                return fail_arg(
                    i,
                    format!(
                        "not enough remaining address space for a subnet with a prefix of {len} bits after {after}"
                    ),
                );
            }
        }
        next = subnet.last().checked_add(1);
        last = Some(subnet);
        out.push(Value::string(subnet.to_string()));
    }
    Ok(Value::list(Type::String, out))
}

fn cidrcontains(args: &[Value]) -> Res<Value> {
    let (outer_text, inner_text) = (text(&args[0]), text(&args[1]));
    let Some(outer) = parse_network(outer_text) else {
        return fail(format!("invalid CIDR address: {outer_text}"));
    };
    let inner = match parse_address(inner_text) {
        Some((bits, addr)) => Network { bits, addr, len: bits },
        None => match parse_network(inner_text) {
            Some(net) => net,
            None => return fail(format!("invalid IP address or prefix: {inner_text}")),
        },
    };
    if outer.bits != inner.bits {
        return fail(format!("address family mismatch: {outer_text} vs. {inner_text}"));
    }
    Ok(Value::bool(outer.contains(inner.first()) && outer.contains(inner.last())))
}
