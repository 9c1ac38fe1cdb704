//! Where services answer.

use crate::{Environment, Profile};
use std::collections::BTreeMap;

/// The domain of a region's endpoints.
pub fn domain(region: &str) -> &'static str {
    match region.split('-').next().unwrap_or_default() {
        "cn" => "amazonaws.com.cn",
        "eusc" => "amazonaws.eu",
        _ if region.starts_with("us-isob-") => "sc2s.sgov.gov",
        _ if region.starts_with("us-isof-") || region.starts_with("eu-isof-") => "csp.hci.ic.gov",
        _ if region.starts_with("us-iso-") => "c2s.ic.gov",
        _ if region.starts_with("eu-isoe-") => "cloud.adc-e.uk",
        _ => "amazonaws.com",
    }
}

/// The names that a service has, where they are not its endpoint's.
struct Names {
    /// In endpoints and signatures.
    endpoint: &'static str,
    /// In `AWS_ENDPOINT_URL_*` (upper case) and in shared files.
    id: &'static str,
    /// In policies.
    policy: &'static str,
}

const NAMES: &[Names] = &[
    Names { endpoint: "autoscaling", id: "auto_scaling", policy: "autoscaling" },
    Names {
        endpoint: "elasticloadbalancing",
        id: "elastic_load_balancing_v2",
        policy: "elasticloadbalancing",
    },
    Names { endpoint: "email", id: "sesv2", policy: "ses" },
    Names { endpoint: "events", id: "eventbridge", policy: "events" },
    Names { endpoint: "logs", id: "cloudwatch_logs", policy: "logs" },
    Names { endpoint: "monitoring", id: "cloudwatch", policy: "cloudwatch" },
    Names { endpoint: "portal.sso", id: "sso", policy: "sso" },
    Names { endpoint: "oidc", id: "sso_oidc", policy: "sso-oauth" },
    Names { endpoint: "secretsmanager", id: "secrets_manager", policy: "secretsmanager" },
    Names { endpoint: "states", id: "sfn", policy: "states" },
    Names { endpoint: "tagging", id: "resource_groups_tagging_api", policy: "tag" },
];

/// Services with one endpoint for all regions of the commercial partition, which is in the first region.
const GLOBAL: &[&str] = &["iam", "route53", "cloudfront", "organizations"];

fn names(service: &str) -> Option<&'static Names> {
    NAMES.iter().find(|n| n.endpoint == service)
}

/// The service's prefix in policies.
pub(crate) fn policy_name(service: &str) -> &str {
    names(service).map_or(service, |n| n.policy)
}

/// Where one service answers, and what signatures for it say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `http` or `https`.
    pub scheme: String,
    /// With the port, where it is not the scheme's own.
    pub host: String,
    /// What comes before a request's path: empty, or with a leading and without a trailing slash.
    pub base: String,
    /// The region in signatures.
    pub region: String,
    /// What names it, where it is not AWS's own: `AWS_ENDPOINT_URL`.
    pub named_by: Option<String>,
}

impl Endpoint {
    /// The endpoint at a URL.
    pub fn at(url: &str, region: &str, named_by: Option<&str>) -> Endpoint {
        let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let path = path.trim_matches('/');
        Endpoint {
            scheme: scheme.to_owned(),
            host: host.to_owned(),
            base: if path.is_empty() { String::new() } else { format!("/{path}") },
            region: region.to_owned(),
            named_by: named_by.map(str::to_owned),
        }
    }

    /// As a URL, without a trailing slash.
    pub fn url(&self) -> String {
        format!("{}://{}{}", self.scheme, self.host, self.base)
    }
}

/// Knows the endpoints that are not AWS's own.
#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    /// By service id; that of all services is at `""`. With what names it.
    variables: BTreeMap<String, (String, String)>,
    /// The same of the profile.
    profile: BTreeMap<String, (String, String)>,
}

impl Endpoints {
    /// The endpoints that variables (`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_<SERVICE>`) and a profile (`endpoint_url`,
    /// `services`) name, in this order; none with `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`.
    pub fn new(env: &Environment, profile: Option<Profile<'_>>) -> Endpoints {
        let mut out = Endpoints::default();
        if env.is_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") {
            return out;
        }
        const PREFIX: &str = "AWS_ENDPOINT_URL";
        for name in env.vars.keys() {
            let Some(rest) = name.strip_prefix(PREFIX) else { continue };
            if let (Some(url), true) = (env.var(name), rest.is_empty() || rest.starts_with('_')) {
                let id = rest.trim_start_matches('_').to_lowercase();
                out.variables.insert(id, (url.to_owned(), name.clone()));
            }
        }
        if let Some(p) = profile {
            for (id, url) in p.endpoint_urls() {
                let named = format!("the profile {:?}", p.name());
                out.profile.insert(id.to_owned(), (url.to_owned(), named));
            }
        }
        out
    }

    /// The endpoint that replaces AWS's own for a service: its URL and what names it.
    pub fn custom(&self, service: &str) -> Option<(&str, &str)> {
        let id = names(service).map_or_else(|| service.replace('-', "_"), |n| n.id.to_owned());
        let found = [&self.variables, &self.profile]
            .into_iter()
            .find_map(|map| map.get(&id).or_else(|| map.get("")))?;
        Some((&found.0, &found.1))
    }

    /// Where a service answers in a region. `service` is its name in AWS's endpoints, such as `rds` or `tagging`.
    pub fn get(&self, service: &str, region: &str) -> Endpoint {
        let domain = domain(region);
        let (host, signed) = match service {
            s if GLOBAL.contains(&s) && domain == "amazonaws.com" && !region.starts_with("us-gov-") => {
                (format!("{s}.{domain}"), "us-east-1")
            }
            s => (format!("{s}.{region}.{domain}"), region),
        };
        match self.custom(service) {
            Some((url, name)) => Endpoint::at(url, signed, Some(name)),
            None => Endpoint::at(&format!("https://{host}"), signed, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(vars: &[(&str, &str)]) -> Environment {
        let vars = vars.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Environment { vars, ..Environment::default() }
    }

    #[test]
    fn aws_own_endpoints() {
        let all = Endpoints::default();
        let url = |service: &str, region: &str| all.get(service, region).url();
        assert_eq!(url("rds", "eu-west-1"), "https://rds.eu-west-1.amazonaws.com");
        assert_eq!(url("sts", "cn-north-1"), "https://sts.cn-north-1.amazonaws.com.cn");
        assert_eq!(url("rds", "us-iso-east-1"), "https://rds.us-iso-east-1.c2s.ic.gov");
        let iam = all.get("iam", "eu-west-1");
        assert_eq!((iam.url().as_str(), iam.region.as_str()), ("https://iam.amazonaws.com", "us-east-1"));
    }

    #[test]
    fn variables_name_endpoints_of_one_or_all_services() {
        let vars = [
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:5000/"),
            ("AWS_ENDPOINT_URL_AUTO_SCALING", "https://a/b/c/"),
            ("AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API", "https://t"),
            ("AWS_ENDPOINT_URL_ECS", ""),
        ];
        let all = Endpoints::new(&env(&vars), None);
        assert_eq!(all.get("ecs", "r").url(), "http://127.0.0.1:5000");
        let a = all.get("autoscaling", "r");
        assert_eq!((a.host.as_str(), a.base.as_str(), a.region.as_str()), ("a", "/b/c", "r"));
        assert_eq!(a.named_by.as_deref(), Some("AWS_ENDPOINT_URL_AUTO_SCALING"));
        assert_eq!(all.get("tagging", "r").host, "t");
        let mut vars = vars.to_vec();
        vars.push(("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"));
        assert_eq!(Endpoints::new(&env(&vars), None).get("ecs", "r").host, "ecs.r.amazonaws.com");
    }
}
