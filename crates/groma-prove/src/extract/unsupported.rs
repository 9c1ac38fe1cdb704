//! What is not understood, by name.

use super::build::*;
use super::read::Known;
use super::subnets::push_new;
use crate::model::*;

/// See the head of the file.
const HARMLESS: &str = include_str!("harmless.txt");

/// Whether a type of the AWS provider carries no packets and opens nothing to any.
pub(crate) fn is_harmless(ty: &str) -> bool {
    let lines: Vec<&str> = HARMLESS.lines().filter(|l| !l.starts_with('#')).collect();
    lines.binary_search(&ty).is_ok()
}

/// Providers (by the prefix of their types) whose resources touch no network: values, files,
/// accounts of applications, contents of databases.
const ELSEWHERE: [&str; 40] = [
    "acme",
    "archive",
    "assert",
    "auth0",
    "betteruptime",
    "bitbucket",
    "cloudinit",
    "datadog",
    "dns",
    "external",
    "github",
    "gitlab",
    "grafana",
    "honeycombio",
    "http",
    "jwks",
    "local",
    "mongodbatlas_database_user",
    "mysql",
    "newrelic",
    "null",
    "okta",
    "onepassword",
    "opsgenie",
    "pagerduty",
    "pingdom",
    "postgresql",
    "random",
    "redshift",
    "sentry",
    "slack",
    "snowflake",
    "sops",
    "statuspage",
    "template",
    "terraform_data",
    "time",
    "tls",
    "utils",
    "vault",
];

/// Whether a type is of a provider that touches no network.
pub(crate) fn is_elsewhere(ty: &str) -> bool {
    ELSEWHERE.iter().any(|p| ty == *p || ty.strip_prefix(p).is_some_and(|r| r.starts_with('_')))
}

/// Types of Cloudflare that lead packets into networks; its others are names, rules and settings
/// for what is public anyway.
pub(crate) fn is_tunnel(ty: &str) -> bool {
    ["tunnel", "teams", "warp", "zero_trust", "magic", "spectrum", "argo", "device", "access"]
        .iter()
        .any(|w| ty.contains(w))
}

impl<'w> Build<'w> {
    pub(crate) fn read_the_rest(&mut self) {
        let mut carriers: Vec<(ItemId, &str, Vec<VpcId>)> = Vec::new();
        for ty in self.types() {
            if self.was_read(ty) {
                continue;
            }
            let why = if ty.starts_with("aws_") {
                if is_harmless(ty) {
                    continue;
                }
                "resources of this type are not understood: it could carry traffic"
            } else {
                if is_elsewhere(ty) {
                    continue;
                }
                if ty.starts_with("cloudflare_") && !is_tunnel(ty) {
                    continue;
                }
                "it is of another provider: what it opens is not known"
            };
            for o in self.of(ty) {
                let item = self.item(o);
                match self.vpcs_named(o) {
                    vpcs if vpcs.is_empty() => self.unsupported(item, why, vpcs),
                    vpcs => carriers.push((item, why, vpcs)),
                }
            }
        }
        // Each may lead to what another one names, as a service network does to its targets.
        let mut ends: Vec<VpcId> = Vec::new();
        carriers.iter().flat_map(|(.., vpcs)| vpcs).for_each(|v| push_new(&mut ends, *v));
        for (item, why, _) in carriers {
            self.unsupported(item, why, ends.clone());
        }
        self.spread_unsupported();
        for (address, why) in &self.world.open {
            let item = self.named(address.as_str(), None);
            self.unsupported(item, format!("it is not decided yet: {why}"), Vec::new());
        }
    }

    /// What is not understood in a VPC may pass on what comes from and goes to any VPC that is
    /// joined to it.
    fn spread_unsupported(&mut self) {
        let joined = self.joined();
        for u in &mut self.net.unsupported {
            if self.narrow.contains(&u.item) || u.vpcs.is_empty() {
                continue;
            }
            let of: Vec<usize> = u.vpcs.iter().map(|v| joined[v.index()]).collect();
            let all = (0..joined.len()).filter(|v| of.contains(&joined[*v]));
            u.vpcs = all.map(|v| VpcId(v as u32)).collect();
        }
    }
    /// For each VPC a number that it shares with those that are joined to it, directly or over
    /// others: by peerings, hubs, relays and what is outside.
    fn joined(&self) -> Vec<usize> {
        let net = &self.net;
        let mut sets: Vec<Vec<VpcId>> = net.peerings.iter().map(|p| vec![p.ends.0, p.ends.1]).collect();
        // Hubs may be joined to one another, and networks outside to all.
        let attached = net.attachments.iter().filter_map(|a| match &a.what {
            Attached::Vpc { vpc, .. } => Some(*vpc),
            _ => None,
        });
        let private = net.gateways.iter().filter(|g| matches!(g.kind, GatewayKind::Private { .. }));
        sets.push(attached.chain(private.filter_map(|g| g.vpc)).collect());
        let mut of_node: Vec<Vec<VpcId>> = vec![Vec::new(); net.nodes.len()];
        for i in &net.interfaces {
            push_new(&mut of_node[i.node.index()], net.subnets[i.subnet.index()].vpc);
        }
        for r in &net.relays {
            sets.push(of_node[r.from.index()].iter().chain(&of_node[r.to.index()]).copied().collect());
        }
        sets.extend(of_node);
        let mut number: Vec<usize> = (0..net.vpcs.len()).collect();
        loop {
            let mut changed = false;
            for set in &sets {
                let least = set.iter().map(|v| number[v.index()]).min().unwrap_or(0);
                for v in set {
                    changed |= number[v.index()] != least;
                    number[v.index()] = least;
                }
            }
            if !changed {
                return number;
            }
        }
    }

    /// The VPCs that an object's attributes name, by themselves or by subnets and groups in them.
    /// None: any.
    fn vpcs_named(&self, o: Obj) -> Vec<VpcId> {
        let mut out = Vec::new();
        let mut unknown = false;
        let facts = self.facts;
        self.world.objects[o].values.walk(&mut |_, v| {
            unknown |= !v.is_known();
            if let Known::Is(text) = super::read::View::new(v, facts).id() {
                let vpc = self.vpcs.get(text).copied();
                let subnet = self.subnets.get(text).map(|s| self.net.subnets[s.index()].vpc);
                let group = self.groups.get(text).map(|g| self.net.groups[g.index()].vpc);
                for v in [vpc, subnet, group].into_iter().flatten() {
                    push_new(&mut out, v);
                }
            }
            true
        });
        if unknown { Vec::new() } else { out }
    }
    fn was_read(&self, ty: &str) -> bool {
        self.asked.borrow().contains(ty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        let lines: Vec<&str> = HARMLESS.lines().filter(|l| !l.starts_with('#')).collect();
        assert!(lines.len() > 1000);
        assert!(lines.is_sorted());
        assert!(is_harmless("aws_iam_role") && is_harmless("aws_s3_bucket") && is_harmless("aws_sqs_queue"));
        for ty in [
            "aws_vpclattice_service",
            "aws_instance",
            "aws_cloudformation_stack",
            "aws_lightsail_instance",
            "aws_route",
        ] {
            assert!(!is_harmless(ty), "{ty}");
        }
    }
}
