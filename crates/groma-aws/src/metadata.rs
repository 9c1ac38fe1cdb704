//! The credentials of the container or the machine that this runs on.

use crate::credentials::{Credentials, Resolved};
use crate::web::{Reply, Web, WebOptions, is_loopback};
use crate::{Cause, CredentialsError, Environment};
use std::fs;
use std::time::Duration;

type Found = Result<Option<Resolved>, CredentialsError>;

fn malformed(e: String) -> CredentialsError {
    CredentialsError::malformed(e)
}

/// These services are on the machine or not there at all: a short wait, and no proxy between.
fn web(env: &Environment, seconds: u64, retries: usize) -> Result<Web, CredentialsError> {
    let timeout = Some(Duration::from_secs(seconds));
    let options = WebOptions {
        direct: true,
        retries,
        wait_min: Duration::from_millis(100),
        wait_max: Duration::from_secs(1),
        timeout,
        connect_timeout: timeout,
        ..WebOptions::default()
    };
    Web::new(options, env).map_err(malformed)
}

/// The role of the container (ECS, EKS pod identity). `None` if the environment names none.
pub(crate) fn container(env: &Environment) -> Found {
    let url = match (
        env.var("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
        env.var("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
    ) {
        (Some(path), _) => format!("http://169.254.170.2{path}"),
        (None, Some(url)) => url.to_owned(),
        (None, None) => return Ok(None),
    };
    // As the SDKs do: the answer is a secret, and so is what is sent.
    const OWN: [&str; 3] = ["http://169.254.170.2", "http://169.254.170.23", "http://[fd00:ec2::23]"];
    let own = |host: &&str| url.strip_prefix(host).is_some_and(|r| r.is_empty() || r.starts_with(['/', ':']));
    if !url.starts_with("https://") && !is_loopback(&url) && !OWN.iter().any(own) {
        return Err(CredentialsError::malformed(format!(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI is {url}, which is neither encrypted nor on this machine"
        ))
        .with_remedy("Use https, or an address of the container service."));
    }
    let token = match env.var("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
        Some(f) => Some(
            fs::read_to_string(env.path(f))
                .map_err(|e| malformed(format!("cannot read {f}: {e}")))?
                .trim()
                .to_owned(),
        ),
        None => env.var("AWS_CONTAINER_AUTHORIZATION_TOKEN").map(str::to_owned),
    };
    let headers = || token.iter().map(|t| ("authorization".to_owned(), t.clone())).collect();
    let reply = web(env, 5, 3)?.send("GET", &url, &headers, &[]).map_err(|e| {
        CredentialsError::new(Cause::Unreachable, format!("the container gives no credentials: {e}"))
    })?;
    if reply.status != 200 {
        return Err(CredentialsError::new(
            Cause::Denied,
            format!("the container's credentials were refused with status {}", reply.status),
        ));
    }
    let credentials = Credentials::from_json(&reply.body).map_err(malformed)?;
    Ok(Some(Resolved { credentials, origin: "the container's role".into() }))
}

/// The role of the machine, from its metadata (version 2 of the service). `None` where there is none.
pub(crate) fn machine(env: &Environment, endpoint: Option<&str>, ipv6: bool) -> Found {
    let number = |name: &str| env.var(name).and_then(|v| v.parse::<u64>().ok());
    let seconds = number("AWS_METADATA_SERVICE_TIMEOUT").unwrap_or(1).max(1);
    let attempts = number("AWS_METADATA_SERVICE_NUM_ATTEMPTS").unwrap_or(2).max(1);
    let six = ipv6
        || env.var("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE").is_some_and(|m| m.eq_ignore_ascii_case("ipv6"));
    let base = endpoint
        .or_else(|| env.var("AWS_EC2_METADATA_SERVICE_ENDPOINT"))
        .unwrap_or(if six { "http://[fd00:ec2::254]" } else { "http://169.254.169.254" })
        .trim_end_matches('/');
    let web = web(env, seconds, attempts as usize - 1)?;
    let ask = |method: &str, path: &str, header: (&str, &str)| -> Option<Reply> {
        let headers = || vec![(header.0.to_owned(), header.1.to_owned())];
        web.send(method, &format!("{base}{path}"), &headers, &[]).ok().filter(|r| r.status == 200)
    };
    let ttl = ("x-aws-ec2-metadata-token-ttl-seconds", "21600");
    let Some(token) = ask("PUT", "/latest/api/token", ttl) else { return Ok(None) };
    let token = String::from_utf8_lossy(&token.body).into_owned();
    let get = |path: &str| ask("GET", path, ("x-aws-ec2-metadata-token", &token));
    let path = "/latest/meta-data/iam/security-credentials/";
    let Some(list) = get(path) else { return Ok(None) };
    let list = String::from_utf8_lossy(&list.body).into_owned();
    let Some(role) = list.lines().next() else { return Ok(None) };
    let Some(answer) = get(&format!("{path}{role}")) else { return Ok(None) };
    let credentials = Credentials::from_json(&answer.body).map_err(malformed)?;
    Ok(Some(Resolved { credentials, origin: format!("the machine's role {role:?}") }))
}
