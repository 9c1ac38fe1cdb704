//! Where AWS credentials come from.
//!
//! In the order of the AWS SDKs: what the caller gives, a profile that it names, environment variables, the profile of
//! the environment, a web identity, the container's or the machine's metadata. Roles of the caller come on top.

use crate::endpoint::{Endpoint, Endpoints};
use crate::error::unreachable;
use crate::metadata;
use crate::profiles::{Profile, Profiles};
use crate::sign::{Unsigned, encode};
use crate::sso;
use crate::web::{Web, WebOptions};
use crate::xml::Element;
use crate::{Cause, CredentialsError, Environment, Refusal};
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// Credentials for requests to AWS.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The access key's ID.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: String,
    /// For temporary credentials.
    pub session_token: Option<String>,
    /// When they end.
    pub expires: Option<jiff::Timestamp>,
}

/// Without the secrets.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

impl Credentials {
    /// Whether they hold for another five minutes.
    pub fn fresh(&self) -> bool {
        self.expires.is_none_or(|e| e.duration_since(jiff::Timestamp::now()).as_secs() > 300)
    }

    /// Credentials without an end.
    pub fn fixed(id: &str, secret: &str, token: Option<&str>) -> Credentials {
        Credentials {
            access_key_id: id.into(),
            secret_access_key: secret.into(),
            session_token: token.map(str::to_owned),
            expires: None,
        }
    }

    /// Those in the JSON of metadata services and credential processes. The error is a sentence part.
    pub(crate) fn from_json(bytes: &[u8]) -> Result<Credentials, String> {
        let json: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|e| format!("the answer holds no credentials: {e}"))?;
        let part = |k: &str| json[k].as_str().map(str::to_owned);
        let needed = |k: &str| part(k).ok_or_else(|| format!("the answer holds no {k}"));
        Ok(Credentials {
            access_key_id: needed("AccessKeyId")?,
            secret_access_key: needed("SecretAccessKey")?,
            session_token: part("Token").or_else(|| part("SessionToken")),
            expires: part("Expiration").and_then(|t| t.parse().ok()),
        })
    }
}

/// Credentials, and in words where they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The credentials.
    pub credentials: Credentials,
    /// Where they come from: `the profile "dev"`, `the variable AWS_ACCESS_KEY_ID`.
    pub origin: String,
}

/// A role that is to be assumed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// More parameters of STS, by their names there: `ExternalId`, `RoleSessionName`, `DurationSeconds`.
    pub parameters: Vec<(String, String)>,
}

/// A role by its ARN, without parameters.
impl From<String> for Role {
    fn from(arn: String) -> Role {
        Role::new(arn)
    }
}

impl Role {
    /// A role, without parameters.
    pub fn new(arn: impl Into<String>) -> Role {
        Role { arn: arn.into(), parameters: Vec::new() }
    }
}

/// What proves a web identity.
#[derive(Clone)]
pub enum WebToken {
    /// The token.
    Text(String),
    /// A file that holds it, read each time.
    File(PathBuf),
}

/// Without the token.
impl fmt::Debug for WebToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WebToken::Text(_) => f.write_str("Text"),
            WebToken::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

/// How credentials are searched. The default is what the environment says.
#[derive(Clone, Debug, Default)]
pub struct ChainOptions {
    /// These and no others.
    pub fixed: Option<Credentials>,
    /// This profile, before environment variables.
    pub profile: Option<String>,
    /// In place of `AWS_CONFIG_FILE` and `~/.aws/config`.
    pub config_files: Option<Vec<PathBuf>>,
    /// In place of `AWS_SHARED_CREDENTIALS_FILE` and `~/.aws/credentials`.
    pub credentials_files: Option<Vec<PathBuf>>,
    /// A role to assume with a web identity, in place of all other sources.
    pub web_identity: Option<(Role, WebToken)>,
    /// A role to assume with what was found.
    pub role: Option<Role>,
    /// The URL of STS, in place of the usual one.
    pub sts_endpoint: Option<String>,
    /// The region of STS, in place of the chain's.
    pub sts_region: Option<String>,
    /// The URL of SSO's portal, in place of the usual one.
    pub sso_endpoint: Option<String>,
    /// Do not ask the machine's metadata service.
    pub skip_metadata: bool,
    /// The URL of the machine's metadata service, in place of the usual one.
    pub metadata_endpoint: Option<String>,
    /// The usual one is the one of IPv6, also if the environment does not say so.
    pub metadata_ipv6: bool,
    /// Connections to STS and SSO.
    pub web: WebOptions,
}

type Found = Result<Option<Resolved>, CredentialsError>;

/// Finds credentials as often as they are needed. Files are read each time, so that a new sign-in counts.
#[derive(Debug)]
pub struct Chain {
    env: Environment,
    web: Web,
    options: ChainOptions,
    region: String,
}

impl Chain {
    /// A search in an environment. `region` is where STS is asked. Nothing is read or sent. On error, the reason as a
    /// sentence part.
    pub fn new(env: &Environment, region: &str, options: ChainOptions) -> Result<Chain, String> {
        let timeout = options.web.timeout.or(Some(Duration::from_secs(30)));
        let web = Web::new(WebOptions { timeout, ..options.web.clone() }, env)?;
        Ok(Chain { env: env.clone(), web, region: region.to_owned(), options })
    }

    /// Finds credentials. The error says what was looked for.
    pub fn find(&self) -> Result<Resolved, CredentialsError> {
        let profiles = self.profiles().map_err(CredentialsError::malformed)?;
        let search = Search { chain: self, profiles: &profiles };
        let base = match &self.options.web_identity {
            Some((role, token)) => search.with_web_identity(role, token)?,
            None => search.base()?,
        };
        match &self.options.role {
            Some(role) => search.assume(&base, role),
            None => Ok(base),
        }
    }

    /// The shared files that this search reads. The error is a sentence part.
    pub fn profiles(&self) -> Result<Profiles, String> {
        let or = |set: &Option<Vec<PathBuf>>, usual: fn(&Environment) -> Vec<PathBuf>| {
            set.clone().unwrap_or_else(|| usual(&self.env))
        };
        Profiles::load(
            &or(&self.options.config_files, Profiles::config_files),
            &or(&self.options.credentials_files, Profiles::credentials_files),
        )
    }

    /// Whether the keys of environment variables are what is used.
    pub(crate) fn uses_variables(&self) -> bool {
        let o = &self.options;
        let other = o.fixed.is_some() || o.profile.is_some() || o.web_identity.is_some();
        !other && of_variables(&self.env).is_some()
    }

    /// The profile that is used: the one the caller names, or the environment's, or `default`.
    pub fn profile_name(&self) -> &str {
        self.options.profile.as_deref().or_else(|| named_profile(&self.env)).unwrap_or("default")
    }
}

/// The profile of the environment.
fn named_profile(env: &Environment) -> Option<&str> {
    env.var("AWS_PROFILE").or_else(|| env.var("AWS_DEFAULT_PROFILE"))
}

/// The keys of environment variables.
fn of_variables(env: &Environment) -> Option<Resolved> {
    let (id, secret) = env.var("AWS_ACCESS_KEY_ID").zip(env.var("AWS_SECRET_ACCESS_KEY"))?;
    Some(Resolved {
        credentials: Credentials::fixed(id, secret, env.var("AWS_SESSION_TOKEN")),
        origin: "the variable AWS_ACCESS_KEY_ID".into(),
    })
}

/// One search, with the files as they are now.
struct Search<'a> {
    chain: &'a Chain,
    profiles: &'a Profiles,
}

impl Search<'_> {
    fn env(&self) -> &Environment {
        &self.chain.env
    }

    fn base(&self) -> Result<Resolved, CredentialsError> {
        let options = &self.chain.options;
        if let Some(c) = &options.fixed {
            return Ok(Resolved { credentials: c.clone(), origin: "the configuration".into() });
        }
        if let Some(p) = &options.profile {
            return self.of_profile(p, 0)?.ok_or_else(|| self.no_profile(p));
        }
        if let Some(found) = of_variables(self.env()) {
            return Ok(found);
        }
        let named = named_profile(self.env());
        if let Some(c) = self.of_profile(named.unwrap_or("default"), 0)? {
            return Ok(c);
        }
        if let Some(p) = named {
            return Err(self.no_profile(p));
        }
        let var = |n: &str| self.env().var(n);
        if let (Some(arn), Some(file)) = (var("AWS_ROLE_ARN"), var("AWS_WEB_IDENTITY_TOKEN_FILE")) {
            let mut role = Role::new(arn);
            role.parameters
                .extend(var("AWS_ROLE_SESSION_NAME").map(|n| ("RoleSessionName".into(), n.into())));
            return self.with_web_identity(&role, &WebToken::File(self.env().root.join(file)));
        }
        if let Some(c) = metadata::container(self.env())? {
            return Ok(c);
        }
        if let Some(c) = self.machine()? {
            return Ok(c);
        }
        Err(CredentialsError::new(
            Cause::NoCredentials,
            "no valid credential sources found: neither access_key and secret_key, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, a web identity, nor the metadata of a container or machine",
        )
        .with_remedy(
            "Sign in and name the profile (aws sso login --profile NAME, AWS_PROFILE=NAME), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        ))
    }

    fn no_profile(&self, name: &str) -> CredentialsError {
        CredentialsError::new(
            Cause::NoCredentials,
            format!("the profile {name:?} is not in the shared configuration, or has no credentials"),
        )
        .with_remedy(format!(
            "{} Name one of them, or make this one with aws configure sso --profile {name}.",
            self.profiles.describe()
        ))
    }

    fn machine(&self) -> Found {
        let disabled = self.env().is_true("AWS_EC2_METADATA_DISABLED");
        if disabled || self.chain.options.skip_metadata {
            return Ok(None);
        }
        let options = &self.chain.options;
        metadata::machine(self.env(), options.metadata_endpoint.as_deref(), options.metadata_ipv6)
    }

    fn of_profile(&self, name: &str, depth: usize) -> Found {
        if depth > 5 {
            return Err(CredentialsError::malformed(format!(
                "the profile {name:?} refers to itself as its source"
            ))
            .with_remedy("Change source_profile of one of the profiles to one that has credentials."));
        }
        let Some(p) = self.profiles.get(name) else { return Ok(None) };
        let origin = format!("the profile {name:?}");
        let resolved = |credentials| Resolved { credentials, origin: origin.clone() };
        let keys = p
            .get("aws_access_key_id")
            .zip(p.get("aws_secret_access_key"))
            .map(|(id, secret)| resolved(Credentials::fixed(id, secret, p.get("aws_session_token"))));
        if let Some(arn) = p.get("role_arn") {
            return self.role_of_profile(p, arn, keys, depth).map(|c| Some(Resolved { origin, ..c }));
        }
        if keys.is_some() {
            return Ok(keys);
        }
        if let Some(command) = p.get("credential_process") {
            return from_process(command, self.env()).map(|c| Some(resolved(c))).map_err(|e| {
                CredentialsError::new(Cause::NoCredentials, format!("{e} (credential_process of {origin})"))
                    .with_remedy(format!("Run it by itself to see what it lacks: {command}"))
            });
        }
        if p.get("sso_account_id").is_some() && p.get("sso_role_name").is_some() {
            let cache = self.env().home.as_ref().map(|h| h.join(".aws").join("sso").join("cache"));
            let endpoints = Endpoints::new(self.env(), Some(p));
            let portal = self.chain.options.sso_endpoint.as_deref();
            return sso::credentials(p, cache.as_deref(), &endpoints, portal, &self.chain.web)
                .map(|c| Some(resolved(c)));
        }
        if p.get("login_session").is_some() {
            return Err(CredentialsError::new(
                Cause::NoCredentials,
                format!("{origin} is signed in with aws login, which only AWS's own programs can read"),
            )
            .with_remedy(format!(
                "Add a profile with credential_process = aws configure export-credentials --profile {name} --format process, and name that one."
            )));
        }
        Ok(None)
    }

    fn role_of_profile(
        &self,
        p: Profile<'_>,
        arn: &str,
        keys: Option<Resolved>,
        depth: usize,
    ) -> Result<Resolved, CredentialsError> {
        let name = p.name();
        let mut role = Role::new(arn);
        let settings = [
            ("role_session_name", "RoleSessionName"),
            ("external_id", "ExternalId"),
            ("duration_seconds", "DurationSeconds"),
        ];
        for (setting, parameter) in settings {
            role.parameters.extend(p.get(setting).map(|v| (parameter.to_owned(), v.to_owned())));
        }
        if let Some(file) = p.get("web_identity_token_file") {
            return self.with_web_identity(&role, &WebToken::File(self.env().root.join(file)));
        }
        let source = match (p.get("source_profile"), p.get("credential_source")) {
            (Some(s), _) if s == name => keys,
            (Some(s), _) => self.of_profile(s, depth + 1)?,
            (None, Some("Environment")) => of_variables(self.env()),
            (None, Some("EcsContainer")) => metadata::container(self.env())?,
            (None, Some("Ec2InstanceMetadata")) => self.machine()?,
            _ => keys,
        };
        let source = source.ok_or_else(|| {
            CredentialsError::new(
                Cause::NoCredentials,
                format!("the profile {name:?} has a role but no source of credentials for it"),
            )
            .with_remedy(
                "Set its source_profile to a profile with credentials, or its credential_source to Environment, EcsContainer or Ec2InstanceMetadata, whichever holds them.",
            )
        })?;
        self.assume(&source, &role).map_err(|e| match (e.cause, p.get("mfa_serial")) {
            // Nobody can be asked for a code here; without one, STS refuses if the role wants it.
            (Cause::Denied, Some(_)) => e.with_remedy(format!(
                "The profile {name:?} has an mfa_serial, and Groma asks for no code. Sign in with a program that does, for example: eval \"$(aws configure export-credentials --profile {name} --format env)\""
            )),
            _ => e,
        })
    }

    fn with_web_identity(&self, role: &Role, token: &WebToken) -> Result<Resolved, CredentialsError> {
        let token = match token {
            WebToken::Text(t) => t.clone(),
            WebToken::File(f) => fs::read_to_string(f)
                .map_err(|e| {
                    CredentialsError::new(
                        Cause::NoCredentials,
                        format!("cannot read the web identity's token {}: {e}", f.display()),
                    )
                })?
                .trim()
                .to_owned(),
        };
        let credentials =
            self.sts("AssumeRoleWithWebIdentity", role, vec![("WebIdentityToken".into(), token)], None)?;
        Ok(Resolved { credentials, origin: format!("the role {} of a web identity", role.arn) })
    }

    fn assume(&self, base: &Resolved, role: &Role) -> Result<Resolved, CredentialsError> {
        let credentials = self.sts("AssumeRole", role, Vec::new(), Some(&base.credentials)).map_err(|e| {
            if e.cause == Cause::Denied && e.remedy.is_empty() {
                e.with_remedy(format!(
                    "Allow sts:AssumeRole on {} to the identity behind {}, in its own policy and in the role's trust policy.",
                    role.arn, base.origin
                ))
            } else {
                e
            }
        })?;
        Ok(Resolved { credentials, origin: format!("the role {} by way of {}", role.arn, base.origin) })
    }

    fn sts(
        &self,
        action: &str,
        role: &Role,
        more: Vec<(String, String)>,
        signer: Option<&Credentials>,
    ) -> Result<Credentials, CredentialsError> {
        let mut form: Vec<(String, String)> = vec![
            ("Action".into(), action.into()),
            ("Version".into(), "2011-06-15".into()),
            ("RoleArn".into(), role.arn.clone()),
        ];
        if !role.parameters.iter().any(|(n, _)| n == "RoleSessionName") {
            form.push((
                "RoleSessionName".into(),
                format!("groma-{}", jiff::Timestamp::now().as_millisecond()),
            ));
        }
        form.extend(role.parameters.iter().cloned());
        form.extend(more);
        let body = encode_form(form.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        let endpoint = self.sts_endpoint();
        let kind = [("content-type", FORM.to_owned())];
        let path = format!("{}/", endpoint.base);
        let request = Unsigned {
            method: "POST",
            scheme: &endpoint.scheme,
            host: &endpoint.host,
            path: &path,
            query: &[],
            headers: &kind,
            body: body.as_bytes(),
            service: "sts",
            region: &endpoint.region,
        };
        let headers = || match signer {
            Some(c) => request.sign(c, jiff::Timestamp::now()),
            None => kind.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect(),
        };
        let not_assumed = |why: &str| format!("the role {} cannot be assumed: {why}", role.arn);
        let passing = |r: &crate::web::Reply| r.status != 200 && Refusal::of(r).may_pass();
        let sent = self.chain.web.send_while("POST", &request.url(), &headers, body.as_bytes(), &passing);
        let (reply, _) = sent.map_err(|e| {
            let url = endpoint.url();
            let (message, remedy) = unreachable(&e, &url, &endpoint.region, endpoint.named_by.as_deref());
            CredentialsError::new(Cause::Unreachable, not_assumed(&message)).with_remedy(remedy)
        })?;
        if reply.status != 200 {
            let refusal = Refusal::of(&reply);
            return Err(CredentialsError::refused(not_assumed(&refusal.to_string()), refusal));
        }
        let unusable = |e: String| CredentialsError::malformed(format!("the answer of STS is unusable: {e}"));
        let text = String::from_utf8_lossy(&reply.body);
        let root = Element::parse(&text).map_err(unusable)?;
        let part = |tag: &str| root.find("Credentials")?.value(tag).map(str::to_owned);
        let needed = |tag: &str| part(tag).ok_or_else(|| unusable(format!("it has no {tag}")));
        Ok(Credentials {
            access_key_id: needed("AccessKeyId")?,
            secret_access_key: needed("SecretAccessKey")?,
            session_token: Some(needed("SessionToken")?),
            expires: part("Expiration").and_then(|t| t.parse().ok()),
        })
    }

    fn sts_endpoint(&self) -> Endpoint {
        let options = &self.chain.options;
        let region = options.sts_region.as_deref().unwrap_or(&self.chain.region);
        if let Some(url) = &options.sts_endpoint {
            return Endpoint::at(url, region, Some("the configuration"));
        }
        let profile = self.profiles.get(self.chain.profile_name());
        Endpoints::new(self.env(), profile).get("sts", region)
    }
}

/// The content type of forms.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// The body of a form.
pub(crate) fn encode_form<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    pairs.map(|(n, v)| format!("{}={}", encode(n, false), encode(v, false))).collect::<Vec<_>>().join("&")
}

/// Runs a profile's `credential_process`. The error is a sentence part.
fn from_process(command: &str, env: &Environment) -> Result<Credentials, String> {
    let out = Command::new("sh")
        .args(["-c", command])
        .envs(&env.vars)
        .output()
        .map_err(|e| format!("the credential process does not start: {e}"))?;
    if !out.status.success() {
        let said = String::from_utf8_lossy(&out.stderr);
        return Err(format!("the credential process failed: {}", said.trim()));
    }
    Credentials::from_json(&out.stdout).map_err(|e| format!("the credential process gave none: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_printed() {
        let credentials = Credentials::fixed("id", "secret", Some("token"));
        let options = ChainOptions {
            fixed: Some(credentials.clone()),
            web_identity: Some((Role::new("r"), WebToken::Text("token".into()))),
            ..ChainOptions::default()
        };
        for text in [format!("{credentials:?}"), format!("{options:?}")] {
            assert!(text.contains("id") && !text.contains("secret\"") && !text.contains("token\""), "{text}");
        }
    }
}
