//! What people write of connections: `staging -> prod`, `internet -> database.*:5432/tcp`.

use crate::model::*;

/// A connection as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Who opens it.
    pub from: String,
    /// To whom.
    pub to: String,
    /// Which connections; all where nothing is said.
    pub only: Option<Only>,
}

/// A protocol, ports of one, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Only {
    /// The protocol's number; TCP and UDP where only ports are said.
    pub protocol: Option<u8>,
    /// The ports, both ends included.
    pub ports: Option<(u16, u16)>,
}

impl Flow {
    /// Reads `FROM -> TO`, `FROM -> TO:443/tcp`, `FROM -> TO:8000-8080`, `FROM -> TO:icmp`.
    /// On failure, what is wrong and what to write.
    pub fn parse(text: &str) -> Result<Flow, String> {
        let ends: Vec<&str> = text.split("->").map(str::trim).collect();
        let [from, to] = ends[..] else {
            return Err(format!("{text:?} is not of the form \"FROM -> TO\", such as \"staging -> prod\"."));
        };
        if from.is_empty() || to.is_empty() {
            return Err(format!("{text:?} is not of the form \"FROM -> TO\", such as \"staging -> prod\"."));
        }
        // An IPv6 range has colons of its own.
        if to.parse::<ipnet::IpNet>().is_ok() || to.parse::<std::net::IpAddr>().is_ok() {
            return Ok(Flow { from: from.into(), to: to.into(), only: None });
        }
        let tail = to.rsplit_once(':').filter(|(_, t)| !t.contains(['.', '[', ']', '"']));
        let Some((end, tail)) = tail else {
            return Ok(Flow { from: from.into(), to: to.into(), only: None });
        };
        if end == "tag" || end.is_empty() {
            return Ok(Flow { from: from.into(), to: to.into(), only: None });
        }
        let only = Only::parse(tail.trim()).ok_or_else(|| {
            format!(
                "In {text:?}, {tail:?} is no port. After the colon stands a port (\":443\"), a range (\":8000-8080\"), \
                 a protocol (\":icmp\"), or both (\":443/tcp\")."
            )
        })?;
        Ok(Flow { from: from.into(), to: end.trim().into(), only: Some(only) })
    }
}

impl Only {
    fn parse(text: &str) -> Option<Only> {
        if let Some(protocol) = protocol(text) {
            return Some(Only { protocol: Some(protocol), ports: None });
        }
        let (ports, proto) = match text.split_once('/') {
            Some((a, b)) => (a, Some(protocol(b)?)),
            None => (text, None),
        };
        let (a, b) = ports.split_once('-').unwrap_or((ports, ports));
        let (a, b) = (a.parse().ok()?, b.parse().ok()?);
        let with_ports = matches!(proto, None | Some(6 | 17));
        (a <= b && with_ports).then_some(Only { protocol: proto, ports: Some((a, b)) })
    }
}

impl std::fmt::Display for Only {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let protocol = self.protocol.map(|p| match p {
            6 => "tcp".to_owned(),
            17 => "udp".to_owned(),
            1 => "icmp".to_owned(),
            58 => "icmpv6".to_owned(),
            n => n.to_string(),
        });
        let ports = self.ports.map(|(a, b)| if a == b { a.to_string() } else { format!("{a}-{b}") });
        match (ports, protocol) {
            (Some(p), Some(q)) => write!(f, "{p}/{q}"),
            (Some(p), None) | (None, Some(p)) => f.write_str(&p),
            (None, None) => Ok(()),
        }
    }
}

fn protocol(text: &str) -> Option<u8> {
    Some(match text {
        "tcp" => 6,
        "udp" => 17,
        "icmp" => 1,
        "icmpv6" => 58,
        _ => return None,
    })
}

/// An end of a connection that a manifest declares.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FlowEnd {
    /// A component of this environment.
    Component(ComponentId),
    /// A service of another environment.
    Elsewhere(String, String),
    /// The internet.
    Internet,
    /// What is at the other end of a VPN.
    Outside,
    /// Endpoints of AWS's services, in the network.
    Services,
    /// The load balancers of the environment, public and internal.
    Balancers,
}

/// A connection that a manifest declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Who opens it.
    pub from: FlowEnd,
    /// To whom.
    pub to: FlowEnd,
    /// `tcp` or `udp` and the port; empty: any.
    pub ports: Vec<Port>,
    /// What declares it: `uses of service web`.
    pub by: String,
}

/// All connections that an environment declares: from `uses`, hosts, tunnels and VPNs,
/// and what follows from them (load balancers, endpoints of AWS's services).
pub fn declared(env: &Environment) -> Vec<Declared> {
    let c = &env.components;
    let mut out = Vec::new();
    let tcp = |port: u16| Port { protocol: "tcp".into(), port };
    let clients = c
        .services
        .iter()
        .map(|(n, s)| (ComponentId { kind: Kind::Service, name: n.clone() }, &s.uses))
        .chain(
            c.functions.iter().map(|(n, s)| (ComponentId { kind: Kind::Function, name: n.clone() }, &s.uses)),
        )
        .chain(c.jobs.iter().map(|(n, s)| (ComponentId { kind: Kind::Job, name: n.clone() }, &s.uses)))
        .chain(
            c.accesses.iter().map(|(n, s)| (ComponentId { kind: Kind::Access, name: n.clone() }, &s.tunnel)),
        );
    for (id, uses) in clients {
        let by = match id.kind {
            Kind::Access => format!("tunnel of {id}"),
            _ => format!("uses of {id}"),
        };
        let from = FlowEnd::Component(id.clone());
        for u in uses {
            targets(c, u, &from, &by, &mut out);
        }
        // A registry elsewhere is on the internet.
        let image = match id.kind {
            Kind::Service => c.services.get(&id.name).map(|s| &s.image),
            Kind::Job => c.jobs.get(&id.name).map(|j| &j.image),
            _ => None,
        };
        if image.is_some_and(|i| matches!(i.source, ImageSource::Container { .. })) {
            let (from, by) = (from.clone(), format!("image of {id}"));
            out.push(Declared { from, to: FlowEnd::Internet, ports: vec![tcp(443)], by });
        }
        // Agents, registries and logs: what runs an image calls AWS.
        out.push(Declared {
            from,
            to: FlowEnd::Services,
            ports: vec![tcp(443)],
            by: format!("{id} runs on AWS"),
        });
    }
    for (name, v) in &c.vpns {
        for u in &v.reaches {
            targets(c, u, &FlowEnd::Outside, &format!("reaches of vpn.{name}"), &mut out);
        }
    }
    for (name, s) in &c.services {
        let id = ComponentId { kind: Kind::Service, name: name.clone() };
        let to = FlowEnd::Component(id.clone());
        if !s.hosts.is_empty() {
            let by = format!("host of {id}");
            out.push(Declared {
                from: FlowEnd::Internet,
                to: FlowEnd::Balancers,
                ports: vec![tcp(80), tcp(443)],
                by: by.clone(),
            });
            out.push(Declared {
                from: FlowEnd::Internet,
                to: to.clone(),
                ports: s.port.map(tcp).into_iter().collect(),
                by,
            });
        }
        out.push(Declared {
            from: FlowEnd::Balancers,
            to,
            ports: s.port.map(tcp).into_iter().collect(),
            by: format!("{id} is balanced"),
        });
    }
    out
}

fn targets(c: &Components, u: &Use, from: &FlowEnd, by: &str, out: &mut Vec<Declared>) {
    let tcp = |port: u16| vec![Port { protocol: "tcp".into(), port }];
    let mut add = |to: FlowEnd, ports: Vec<Port>| {
        out.push(Declared { from: from.clone(), to, ports, by: by.to_owned() });
    };
    match &u.target {
        UseTarget::Internet { ports, .. } => add(FlowEnd::Internet, ports.clone()),
        UseTarget::Elsewhere { environment, service } => {
            add(FlowEnd::Elsewhere(environment.clone(), service.clone()), Vec::new());
        }
        UseTarget::Component { id, .. } => {
            let to = FlowEnd::Component(id.clone());
            match id.kind {
                Kind::Database => {
                    if let Some(d) = c.databases.get(&id.name) {
                        add(to, tcp(d.port()));
                    }
                }
                Kind::Cache => add(to, tcp(6379)),
                Kind::Stream => add(to, tcp(9098)),
                Kind::Service => {
                    if let Some(s) = c.services.get(&id.name) {
                        add(FlowEnd::Balancers, tcp(80));
                        add(to, s.port.map(tcp).unwrap_or_default());
                    }
                }
                // AWS's services, behind endpoints.
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flows_have_ports_and_protocols() {
        let f = |t: &str| Flow::parse(t).unwrap();
        assert_eq!(f("a -> b"), Flow { from: "a".into(), to: "b".into(), only: None });
        assert_eq!(
            f("internet -> database.*:5432/tcp").only,
            Some(Only { protocol: Some(6), ports: Some((5432, 5432)) })
        );
        assert_eq!(f("a->b:8000-8080").only, Some(Only { protocol: None, ports: Some((8000, 8080)) }));
        assert_eq!(f("a -> b:icmp").only, Some(Only { protocol: Some(1), ports: None }));
        assert_eq!(f("a -> 2001:db8::/32").to, "2001:db8::/32");
        assert_eq!(f("a -> 10.0.0.0/8:22").to, "10.0.0.0/8");
        assert_eq!(f("a -> module.x.aws_instance.y[\"a:b\"]").to, "module.x.aws_instance.y[\"a:b\"]");
        assert_eq!(f("a -> tag:Name=web:443").to, "tag:Name=web");
    }

    #[test]
    fn mistakes_say_what_to_write() {
        assert!(Flow::parse("a - b").unwrap_err().contains("FROM -> TO"));
        assert!(Flow::parse("a -> b:https").unwrap_err().contains(":443"));
        assert!(Flow::parse("a -> b:80-70").unwrap_err().contains("no port"));
        assert!(Flow::parse("a -> b:80/icmp").unwrap_err().contains("no port"));
    }
}
