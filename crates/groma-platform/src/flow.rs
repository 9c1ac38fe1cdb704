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
    /// A component of this environment; a VPN stands for what is at its other end.
    Component(ComponentId),
    /// A service of another environment, by the environment's name.
    Elsewhere(String, String),
    /// The internal load balancer of another environment, by the environment's name.
    InsideElsewhere(String),
    /// The internet.
    Internet,
    /// Endpoints of AWS's services, in the network.
    Services,
    /// The public load balancers of the environment.
    Front,
    /// The internal load balancer of the environment.
    Inside,
    /// The instances on which the environment's containers run.
    Hosts,
}

/// A connection that a manifest declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Who opens it.
    pub from: FlowEnd,
    /// To whom.
    pub to: FlowEnd,
    /// What passes it on, where that is not the network alone.
    pub through: Option<FlowEnd>,
    /// `tcp` or `udp` and the port; empty: any.
    pub ports: Vec<Port>,
    /// What declares it: `uses of service web`.
    pub by: String,
}

fn tcp(ports: &[u16]) -> Vec<Port> {
    ports.iter().map(|p| Port { protocol: "tcp".into(), port: *p }).collect()
}

/// All connections that an environment declares: from `uses`, hosts, tunnels and VPNs,
/// and what follows from them (load balancers, endpoints of AWS's services). `all`: the
/// environments of the manifest, for what they use of each other.
pub fn declared(env: &Environment, all: &[Environment]) -> Vec<Declared> {
    let c = &env.components;
    let mut out = Flows { env, all, out: Vec::new() };
    let id = |kind: Kind, name: &String| ComponentId { kind, name: name.clone() };
    let services = c.services.iter().map(|(n, s)| (id(Kind::Service, n), &s.uses));
    let functions = c.functions.iter().map(|(n, f)| (id(Kind::Function, n), &f.uses));
    let jobs = c.jobs.iter().map(|(n, j)| (id(Kind::Job, n), &j.uses));
    let accesses = c.accesses.iter().map(|(n, a)| (id(Kind::Access, n), &a.tunnel));
    for (id, uses) in services.chain(functions).chain(jobs).chain(accesses) {
        let by = match id.kind {
            Kind::Access => format!("tunnel of {id}"),
            _ => format!("uses of {id}"),
        };
        let from = FlowEnd::Component(id.clone());
        for u in uses {
            out.target(u, &from, &by);
        }
        // A registry elsewhere is on the internet.
        let image = match id.kind {
            Kind::Service => c.services.get(&id.name).map(|s| &s.image),
            Kind::Job => c.jobs.get(&id.name).map(|j| &j.image),
            _ => None,
        };
        if image.is_some_and(|i| matches!(i.source, ImageSource::Container { .. })) {
            out.add(&from, FlowEnd::Internet, tcp(&[443]), format!("image of {id}"));
        }
        // Agents, registries and logs: what runs an image calls AWS.
        out.add(&from, FlowEnd::Services, tcp(&[443]), format!("{id} runs on AWS"));
    }
    if let Some(s) = c.services.values().find(|s| s.run == Run::Containers) {
        out.add(
            &FlowEnd::Hosts,
            FlowEnd::Services,
            tcp(&[443]),
            format!("service.{} runs on instances", s.name),
        );
    }
    for (name, v) in &c.vpns {
        let from = FlowEnd::Component(id(Kind::Vpn, name));
        for u in &v.reaches {
            out.target(u, &from, &format!("reaches of vpn.{name}"));
        }
    }
    for (name, s) in &c.services {
        // What listens on no port has no balancer.
        let Some(port) = s.port.map(|p| tcp(&[p])) else { continue };
        let to = FlowEnd::Component(id(Kind::Service, name));
        if !s.hosts.is_empty() {
            let by = format!("host of service.{name}");
            out.add(&FlowEnd::Internet, FlowEnd::Front, tcp(&[80, 443]), by.clone());
            let front = Some(FlowEnd::Front);
            out.add_through(&FlowEnd::Internet, front, to.clone(), port.clone(), by.clone());
            out.add(&FlowEnd::Front, to.clone(), port.clone(), by);
        }
        if let Some(by) = out.used_elsewhere(name) {
            out.add(&FlowEnd::Inside, to, port, by);
        }
    }
    out.out
}

struct Flows<'e> {
    env: &'e Environment,
    all: &'e [Environment],
    out: Vec<Declared>,
}

impl Flows<'_> {
    fn add(&mut self, from: &FlowEnd, to: FlowEnd, ports: Vec<Port>, by: String) {
        self.add_through(from, None, to, ports, by);
    }

    fn add_through(
        &mut self,
        from: &FlowEnd,
        through: Option<FlowEnd>,
        to: FlowEnd,
        ports: Vec<Port>,
        by: String,
    ) {
        let flow = Declared { from: from.clone(), to, through, ports, by };
        if !self.out.contains(&flow) {
            self.out.push(flow);
        }
    }

    /// What of another environment uses a service of this one.
    fn used_elsewhere(&self, service: &str) -> Option<String> {
        let others = self.all.iter().filter(|e| e.name != self.env.name);
        others.flat_map(|e| e.components.services.values().map(move |s| (e, s))).find_map(|(e, s)| {
            let uses = s.uses.iter().any(|u| {
                matches!(&u.target, UseTarget::Elsewhere { environment, service: used }
                    if *environment == self.env.name && used == service)
            });
            uses.then(|| format!("uses of {}.service.{}", e.name, s.name))
        })
    }

    fn target(&mut self, u: &Use, from: &FlowEnd, by: &str) {
        let c = &self.env.components;
        let by = by.to_owned();
        match &u.target {
            UseTarget::Internet { ports, .. } => self.add(from, FlowEnd::Internet, ports.clone(), by),
            UseTarget::Elsewhere { environment, service } => {
                let other = self.all.iter().find(|e| e.name == *environment);
                let port = other.and_then(|e| e.components.services.get(service)).and_then(|s| s.port);
                let to = FlowEnd::Elsewhere(environment.clone(), service.clone());
                self.add(from, FlowEnd::InsideElsewhere(environment.clone()), tcp(&[80]), by.clone());
                if let Some(port) = port {
                    let through = FlowEnd::InsideElsewhere(environment.clone());
                    self.add_through(from, Some(through), to, tcp(&[port]), by);
                }
            }
            UseTarget::Component { id, .. } => {
                let to = FlowEnd::Component(id.clone());
                match id.kind {
                    Kind::Database => {
                        if let Some(d) = c.databases.get(&id.name) {
                            self.add(from, to, tcp(&[d.port()]), by);
                        }
                    }
                    Kind::Cache => self.add(from, to, tcp(&[6379]), by),
                    Kind::Stream => self.add(from, to, tcp(&[9098]), by),
                    Kind::Service => {
                        if let Some(port) = c.services.get(&id.name).and_then(|s| s.port) {
                            let port = tcp(&[port]);
                            self.add(from, FlowEnd::Inside, tcp(&[80]), by.clone());
                            self.add(&FlowEnd::Inside, to.clone(), port.clone(), by.clone());
                            self.add_through(from, Some(FlowEnd::Inside), to, port, by);
                        }
                    }
                    // AWS's services, behind endpoints.
                    _ => {}
                }
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
