//! What is not understood, by name.

use super::build::*;
use super::read::Known;
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

/// Types of Cloudflare that lead packets into networks; its others are names, rules and settings
/// for what is public anyway.
fn is_tunnel(ty: &str) -> bool {
    ["tunnel", "teams", "warp", "zero_trust", "magic", "spectrum", "argo", "device", "access"]
        .iter()
        .any(|w| ty.contains(w))
}

impl<'w> Build<'w> {
    pub(crate) fn read_the_rest(&mut self) {
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
                if ELSEWHERE
                    .iter()
                    .any(|p| ty == *p || ty.strip_prefix(p).is_some_and(|r| r.starts_with('_')))
                {
                    continue;
                }
                if ty.starts_with("cloudflare_") && !is_tunnel(ty) {
                    continue;
                }
                "it is of another provider: what it opens is not known"
            };
            for o in self.of(ty) {
                let item = self.item(o);
                let vpcs = self.vpcs_named(o);
                self.unsupported(item, why, vpcs);
            }
        }
        for (address, why) in &self.world.open {
            let item = self.named(address.as_str(), None);
            self.unsupported(item, format!("it is not decided yet: {why}"), Vec::new());
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
                    super::subnets::push_new(&mut out, v);
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
