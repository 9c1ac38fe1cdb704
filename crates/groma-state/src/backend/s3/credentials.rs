//! Which credentials a configuration asks for; finding them is groma-aws's.

use super::super::BackendEnv;
use super::super::config::Config;
use groma_aws::web::WebOptions;
use groma_aws::{Chain, ChainOptions, Credentials, Role, WebToken};
use std::path::PathBuf;

/// The search that a configuration asks for. On error, the reason as a sentence part.
pub(super) fn chain(
    config: &Config<'_>,
    env: &BackendEnv,
    region: &str,
    web: &WebOptions,
) -> Result<Chain, String> {
    let world = env.environment();
    let fixed = match (config.filled("access_key"), config.filled("secret_key")) {
        (Some(id), Some(secret)) => Some(Credentials::fixed(id, secret, config.filled("token"))),
        (None, None) => None,
        _ => return Err("access_key and secret_key must be set both or not at all".into()),
    };
    let files = |set: Vec<&str>| -> Option<Vec<PathBuf>> {
        (!set.is_empty()).then(|| set.into_iter().map(|p| world.path(p)).collect())
    };
    let mut credentials = config.texts("shared_credentials_files");
    credentials.extend(config.filled("shared_credentials_file"));
    let web_identity = config
        .object("assume_role_with_web_identity")
        .map(|r| -> Result<_, String> {
            let token = match (r.filled("web_identity_token"), r.filled("web_identity_token_file")) {
                (Some(t), _) => WebToken::Text(t.into()),
                (None, Some(f)) => WebToken::File(env.root.join(f)),
                (None, None) => return Err("assume_role_with_web_identity needs a token".into()),
            };
            Ok((role(&r)?, token))
        })
        .transpose()?;
    let options = ChainOptions {
        fixed,
        profile: config.filled("profile").map(str::to_owned),
        config_files: files(config.texts("shared_config_files")),
        credentials_files: files(credentials),
        web_identity,
        role: config.object("assume_role").map(|r| role(&r)).transpose()?,
        sts_endpoint: endpoint(config, env, "sts").map(str::to_owned),
        sts_region: config.filled("sts_region").map(str::to_owned),
        sso_endpoint: config.object("endpoints").and_then(|e| e.filled("sso")).map(str::to_owned),
        skip_metadata: config.flag("skip_metadata_api_check").unwrap_or_default(),
        metadata_endpoint: config.filled("ec2_metadata_service_endpoint").map(str::to_owned),
        metadata_ipv6: config
            .filled("ec2_metadata_service_endpoint_mode")
            .is_some_and(|m| m.eq_ignore_ascii_case("ipv6")),
        web: web.clone(),
    };
    Chain::new(&world, region, options)
}

/// The URL of a service that the configuration, or a variable for this service alone, names. `AWS_STS_ENDPOINT` and
/// its like are older than the names that AWS gave them.
pub(super) fn endpoint<'a>(config: &Config<'a>, env: &'a BackendEnv, service: &str) -> Option<&'a str> {
    let upper = service.to_uppercase();
    let old = if service == "s3" { "endpoint".into() } else { format!("{service}_endpoint") };
    config
        .object("endpoints")
        .and_then(|e| e.filled(service))
        .or_else(|| config.filled(&old))
        .or_else(|| env.var(&format!("AWS_ENDPOINT_URL_{upper}")))
        .or_else(|| env.var(&format!("AWS_{upper}_ENDPOINT")))
}

/// A role from its configuration.
fn role(config: &Config<'_>) -> Result<Role, String> {
    let mut role = Role::new(config.filled("role_arn").unwrap_or_default());
    let names = [
        ("session_name", "RoleSessionName"),
        ("external_id", "ExternalId"),
        ("policy", "Policy"),
        ("source_identity", "SourceIdentity"),
    ];
    let mut add = |name: String, value: &str| role.parameters.push((name, value.to_owned()));
    for (attribute, parameter) in names {
        if let Some(v) = config.filled(attribute) {
            add(parameter.into(), v);
        }
    }
    if let Some(d) = config.filled("duration") {
        let seconds = seconds(d).ok_or_else(|| format!("the duration {d:?} is not like 1h30m"))?;
        add("DurationSeconds".into(), &seconds.to_string());
    }
    for (i, arn) in config.texts("policy_arns").into_iter().enumerate() {
        add(format!("PolicyArns.member.{}.arn", i + 1), arn);
    }
    for (i, (k, v)) in config.pairs("tags").into_iter().enumerate() {
        add(format!("Tags.member.{}.Key", i + 1), k);
        add(format!("Tags.member.{}.Value", i + 1), v);
    }
    for (i, k) in config.texts("transitive_tag_keys").into_iter().enumerate() {
        add(format!("TransitiveTagKeys.member.{}", i + 1), k);
    }
    Ok(role)
}

/// Seconds of a duration such as `1h30m`.
fn seconds(text: &str) -> Option<u64> {
    let mut total = 0;
    let mut number = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let unit = match c {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        total += std::mem::take(&mut number).parse::<u64>().ok()? * unit;
    }
    (number.is_empty() && total > 0).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(seconds("1h30m"), Some(5400));
        assert_eq!(seconds("45s"), Some(45));
        for bad in ["", "1", "x", "1d", "h"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }
}
