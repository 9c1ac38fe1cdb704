//! Credentials of somebody who signed in with `aws sso login`.

use crate::credentials::Credentials;
use crate::endpoint::{Endpoint, Endpoints};
use crate::error::unreachable;
use crate::profiles::Profile;
use crate::sign::encode;
use crate::web::{Headers, Reply, Web};
use crate::{Cause, CredentialsError, Refusal};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// What a sign-in left in the cache.
struct Session {
    token: String,
    expires: Option<jiff::Timestamp>,
}

/// The credentials of a profile's account and role. `cache` is `~/.aws/sso/cache`; `portal` replaces the URL of SSO's
/// portal.
pub(crate) fn credentials(
    profile: Profile<'_>,
    cache: Option<&Path>,
    endpoints: &Endpoints,
    portal: Option<&str>,
    web: &Web,
) -> Result<Credentials, CredentialsError> {
    let name = profile.name();
    let (Some(start), Some(region)) = (profile.sso("sso_start_url"), profile.sso("sso_region")) else {
        return Err(CredentialsError::malformed(format!(
            "the profile {name:?} lacks sso_start_url or sso_region"
        ))
        .with_remedy(format!("Run aws configure sso --profile {name} again.")));
    };
    let signed_out = || {
        CredentialsError::new(
            Cause::Expired,
            format!(
                "the SSO session of profile {name:?} is not signed in or has ended: run aws sso login --profile {name}"
            ),
        )
    };
    let file = cache.map(|c| c.join(format!("{}.json", key(profile.get("sso_session").unwrap_or(start)))));
    let file = file.ok_or_else(signed_out)?;
    let text = fs::read_to_string(&file).map_err(|_| signed_out())?;
    let cached: Value = serde_json::from_str(&text).map_err(|_| signed_out())?;
    let token = cached["accessToken"].as_str().ok_or_else(signed_out)?.to_owned();
    let expires = cached["expiresAt"].as_str().and_then(|t| t.parse::<jiff::Timestamp>().ok());
    let mut session = Session { token, expires };
    if session.ended() {
        let oidc = endpoints.get("oidc", region);
        session = renew(&cached, &file, &oidc, web).ok_or_else(signed_out)?;
    }

    let portal = match portal {
        Some(url) => Endpoint::at(url, region, Some("the configuration")),
        None => endpoints.get("portal.sso", region),
    };
    let url = format!(
        "{}/federation/credentials?role_name={}&account_id={}",
        portal.url(),
        encode(profile.get("sso_role_name").unwrap_or_default(), false),
        encode(profile.get("sso_account_id").unwrap_or_default(), false)
    );
    let headers = || vec![("x-amz-sso_bearer_token".to_owned(), session.token.clone())];
    let reply = send(web, "GET", &url, &headers, &[]).map_err(|e| {
        let (message, remedy) = unreachable(&e, &portal.url(), region, portal.named_by.as_deref());
        CredentialsError::new(Cause::Unreachable, message).with_remedy(remedy)
    })?;
    if reply.status == 401 {
        return Err(signed_out());
    }
    if reply.status != 200 {
        let refusal = Refusal::of(&reply);
        return Err(CredentialsError::refused(
            format!("SSO refused credentials for profile {name:?}: {refusal}"),
            refusal,
        )
        .with_remedy(
            "Check sso_account_id and sso_role_name of the profile, and that the role is assigned to you.",
        ));
    }
    from_portal(&reply.body).map_err(CredentialsError::malformed)
}

/// The name of a cached session: a hash of the session's name, or of the start URL where it has none.
fn key(session: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, session.as_bytes());
    digest.as_ref().iter().map(|b| format!("{b:02x}")).collect()
}

impl Session {
    fn ended(&self) -> bool {
        self.expires.is_some_and(|e| e <= jiff::Timestamp::now())
    }
}

fn send(
    web: &Web,
    method: &str,
    url: &str,
    headers: Headers<'_>,
    body: &[u8],
) -> Result<Reply, crate::web::WebError> {
    let passing = |r: &Reply| r.status != 200 && Refusal::of(r).may_pass();
    web.send_while(method, url, headers, body, &passing).map(|(reply, _)| reply)
}

/// A session that ended, continued with its refresh token and written back, as the sign-in's own program does: the
/// tokens go on to be good for both. `None` if it cannot be, which a new sign-in mends.
fn renew(cached: &Value, file: &Path, oidc: &Endpoint, web: &Web) -> Option<Session> {
    let text = |name: &str| cached[name].as_str().filter(|t| !t.is_empty());
    let registered = text("registrationExpiresAt").and_then(|t| t.parse::<jiff::Timestamp>().ok());
    if registered.is_some_and(|e| e <= jiff::Timestamp::now()) {
        return None;
    }
    let body = serde_json::json!({
        "clientId": text("clientId")?,
        "clientSecret": text("clientSecret")?,
        "grantType": "refresh_token",
        "refreshToken": text("refreshToken")?,
    });
    let headers = || vec![("content-type".to_owned(), "application/json".to_owned())];
    let url = format!("{}/token", oidc.url());
    let reply = send(web, "POST", &url, &headers, body.to_string().as_bytes()).ok()?;
    let answer: Value = serde_json::from_slice(&reply.body).ok().filter(|_| reply.status == 200)?;
    let token = answer["accessToken"].as_str()?.to_owned();
    let seconds = answer["expiresIn"].as_i64()?;
    let expires = jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_secs(seconds)).ok()?;
    let mut renewed = cached.clone();
    renewed["accessToken"] = token.clone().into();
    renewed["expiresAt"] = expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into();
    if let Some(next) = answer["refreshToken"].as_str() {
        renewed["refreshToken"] = next.into();
    }
    // The token is good even if it cannot be kept; then it is asked for again.
    replace(file, &renewed.to_string()).ok();
    Some(Session { token, expires: Some(expires) })
}

/// Replaces a file, so that nobody reads half of it, readable by its owner alone.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let next = file.with_extension(format!("json.{}", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(&next)?.write_all(text.as_bytes())?;
    fs::rename(&next, file)
}

/// The credentials in the portal's answer. The error is a sentence part.
fn from_portal(body: &[u8]) -> Result<Credentials, String> {
    let json: Value = serde_json::from_slice(body).map_err(|e| format!("SSO gave no credentials: {e}"))?;
    let c = &json["roleCredentials"];
    let part = |k: &str| c[k].as_str().map(str::to_owned).ok_or_else(|| format!("SSO gave no {k}"));
    Ok(Credentials {
        access_key_id: part("accessKeyId")?,
        secret_access_key: part("secretAccessKey")?,
        session_token: Some(part("sessionToken")?),
        expires: c["expiration"].as_i64().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()),
    })
}
