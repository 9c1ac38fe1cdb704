//! Where AWS credentials come from.
//!
//! In the order of the AWS SDKs: the backend's configuration, a profile that it
//! names, environment variables, the profile of the environment, a web identity, the
//! container's or the machine's metadata. Roles of the configuration come on top.

use super::super::BackendEnv;
use super::super::config::Config;
use super::super::web::{Web, WebOptions};
use super::sign::Unsigned;
use super::xml;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// Credentials for requests to AWS.
#[derive(Clone, PartialEq, Eq)]
pub struct AwsCredentials {
    /// The access key's ID.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: String,
    /// For temporary credentials.
    pub session_token: Option<String>,
    /// When they end.
    pub expires: Option<jiff::Timestamp>,
}

impl std::fmt::Debug for AwsCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AwsCredentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

impl AwsCredentials {
    /// Whether they hold for another five minutes.
    pub(super) fn fresh(&self) -> bool {
        self.expires.is_none_or(|e| e.duration_since(jiff::Timestamp::now()).as_secs() > 300)
    }

    fn fixed(id: &str, secret: &str, token: Option<&str>) -> AwsCredentials {
        AwsCredentials {
            access_key_id: id.into(),
            secret_access_key: secret.into(),
            session_token: token.map(str::to_owned),
            expires: None,
        }
    }
}

type Found = Result<Option<AwsCredentials>, String>;
type Sections = BTreeMap<String, BTreeMap<String, String>>;

/// A role that is to be assumed.
#[derive(Clone, Debug, Default)]
struct Role {
    arn: String,
    parameters: Vec<(String, String)>,
}

/// Finds credentials as often as they are needed.
#[derive(Debug)]
pub(super) struct Chain {
    env: BackendEnvView,
    web: Web,
    fixed: Option<AwsCredentials>,
    profile: Option<String>,
    config_files: Vec<PathBuf>,
    credentials_files: Vec<PathBuf>,
    role: Option<Role>,
    web_role: Option<(Role, WebToken)>,
    sts: (String, String),
    use_metadata: bool,
    metadata_endpoint: String,
}

/// What the chain needs of the environment.
#[derive(Debug)]
struct BackendEnvView {
    root: PathBuf,
    vars: BTreeMap<String, String>,
}

impl BackendEnvView {
    fn var(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }
}

#[derive(Clone, Debug)]
enum WebToken {
    Text(String),
    File(PathBuf),
}

impl Chain {
    pub(super) fn new(
        config: &Config<'_>,
        env: &BackendEnv,
        region: &str,
        options: &WebOptions,
    ) -> Result<Chain, String> {
        // The last ones to answer are far away or not there at all.
        let web = Web::new(WebOptions { timeout: Some(Duration::from_secs(30)), ..options.clone() }, env)?;
        let fixed = match (config.filled("access_key"), config.filled("secret_key")) {
            (Some(id), Some(secret)) => Some(AwsCredentials::fixed(id, secret, config.filled("token"))),
            (None, None) => None,
            _ => return Err("access_key and secret_key must be set both or not at all".into()),
        };
        let files = |set: Vec<&str>, variable: &str, name: &str| -> Vec<PathBuf> {
            let expand = |p: &str| match (p.strip_prefix("~/"), &env.home) {
                (Some(rest), Some(home)) => home.join(rest),
                _ => env.root.join(p),
            };
            if !set.is_empty() {
                return set.into_iter().map(expand).collect();
            }
            match (env.var(variable), &env.home) {
                (Some(p), _) => vec![expand(p)],
                (None, Some(home)) => vec![home.join(".aws").join(name)],
                (None, None) => Vec::new(),
            }
        };
        let mut credentials = config.texts("shared_credentials_files");
        credentials.extend(config.filled("shared_credentials_file"));
        let assumed = config.object("assume_role").map(|r| role(&r)).transpose()?;
        let web_role = config
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
        let sts_region = config.filled("sts_region").unwrap_or(region);
        let sts = config
            .object("endpoints")
            .and_then(|e| e.filled("sts"))
            .or_else(|| config.filled("sts_endpoint"))
            .or_else(|| env.var("AWS_ENDPOINT_URL_STS"))
            .or_else(|| env.var("AWS_STS_ENDPOINT"))
            .or_else(|| env.var("AWS_ENDPOINT_URL"))
            .map_or_else(|| format!("https://sts.{sts_region}.{}", super::domain(sts_region)), str::to_owned);
        let disabled = env.var("AWS_EC2_METADATA_DISABLED").is_some_and(|v| v.eq_ignore_ascii_case("true"));
        Ok(Chain {
            env: BackendEnvView { root: env.root.clone(), vars: env.vars.clone() },
            web,
            fixed,
            profile: config.filled("profile").map(str::to_owned),
            config_files: files(config.texts("shared_config_files"), "AWS_CONFIG_FILE", "config"),
            credentials_files: files(credentials, "AWS_SHARED_CREDENTIALS_FILE", "credentials"),
            role: assumed,
            web_role,
            sts: (sts.trim_end_matches('/').to_owned(), sts_region.to_owned()),
            use_metadata: !disabled && !config.flag("skip_metadata_api_check").unwrap_or_default(),
            metadata_endpoint: config
                .filled("ec2_metadata_service_endpoint")
                .or_else(|| env.var("AWS_EC2_METADATA_SERVICE_ENDPOINT"))
                .unwrap_or("http://169.254.169.254")
                .trim_end_matches('/')
                .to_owned(),
        })
    }

    /// Finds credentials. The error says what was looked for.
    pub(super) fn find(&self) -> Result<AwsCredentials, String> {
        let base = match &self.web_role {
            Some((role, token)) => self.with_web_identity(role, token)?,
            None => self.base()?,
        };
        match &self.role {
            Some(role) => self.assume(&base, role),
            None => Ok(base),
        }
    }

    fn base(&self) -> Result<AwsCredentials, String> {
        if let Some(c) = &self.fixed {
            return Ok(c.clone());
        }
        let files = self.sections()?;
        if let Some(p) = &self.profile {
            return self.of_profile(p, &files, 0)?.ok_or_else(|| {
                format!("the profile {p:?} is not in the shared configuration, or has no credentials")
            });
        }
        let var = |n: &str| self.env.var(n);
        if let (Some(id), Some(secret)) = (var("AWS_ACCESS_KEY_ID"), var("AWS_SECRET_ACCESS_KEY")) {
            return Ok(AwsCredentials::fixed(id, secret, var("AWS_SESSION_TOKEN")));
        }
        let named = var("AWS_PROFILE").or_else(|| var("AWS_DEFAULT_PROFILE"));
        if let Some(c) = self.of_profile(named.unwrap_or("default"), &files, 0)? {
            return Ok(c);
        }
        if let Some(p) = named {
            return Err(format!(
                "the profile {p:?} is not in the shared configuration, or has no credentials"
            ));
        }
        if let (Some(arn), Some(file)) = (var("AWS_ROLE_ARN"), var("AWS_WEB_IDENTITY_TOKEN_FILE")) {
            let mut role = Role { arn: arn.into(), ..Role::default() };
            role.parameters
                .extend(var("AWS_ROLE_SESSION_NAME").map(|n| ("RoleSessionName".into(), n.into())));
            return self.with_web_identity(&role, &WebToken::File(self.env.root.join(file)));
        }
        if let Some(c) = self.container()? {
            return Ok(c);
        }
        if self.use_metadata
            && let Some(c) = self.machine()?
        {
            return Ok(c);
        }
        Err("no valid credential sources found: neither access_key and secret_key, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, a web identity, nor the metadata of a container or machine".into())
    }

    /// All profiles of the shared files; those of the credentials file win.
    fn sections(&self) -> Result<Sections, String> {
        let mut out = Sections::new();
        let all = self
            .config_files
            .iter()
            .map(|p| (p, true))
            .chain(self.credentials_files.iter().map(|p| (p, false)));
        for (path, is_config) in all {
            match fs::read_to_string(path) {
                Ok(text) => parse_ini(&text, is_config, &mut out),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                Err(e) => return Err(format!("cannot read {}: {e}", path.display())),
            }
        }
        Ok(out)
    }

    fn of_profile(&self, name: &str, files: &Sections, depth: usize) -> Found {
        if depth > 5 {
            return Err(format!("the profile {name:?} refers to itself as its source"));
        }
        let Some(p) = files.get(name) else { return Ok(None) };
        let get = |k: &str| p.get(k).map(String::as_str).filter(|v| !v.is_empty());
        let keys = match (get("aws_access_key_id"), get("aws_secret_access_key")) {
            (Some(id), Some(secret)) => Some(AwsCredentials::fixed(id, secret, get("aws_session_token"))),
            _ => None,
        };
        if let Some(arn) = get("role_arn") {
            let mut role = Role { arn: arn.into(), ..Role::default() };
            let settings = [
                ("role_session_name", "RoleSessionName"),
                ("external_id", "ExternalId"),
                ("duration_seconds", "DurationSeconds"),
            ];
            for (setting, parameter) in settings {
                role.parameters.extend(get(setting).map(|v| (parameter.to_owned(), v.to_owned())));
            }
            if let Some(file) = get("web_identity_token_file") {
                return self.with_web_identity(&role, &WebToken::File(self.env.root.join(file))).map(Some);
            }
            let source = match (get("source_profile"), get("credential_source")) {
                (Some(s), _) if s == name => keys,
                (Some(s), _) => self.of_profile(s, files, depth + 1)?,
                (None, Some("Environment")) => {
                    let var = |n: &str| self.env.var(n);
                    var("AWS_ACCESS_KEY_ID")
                        .zip(var("AWS_SECRET_ACCESS_KEY"))
                        .map(|(i, s)| AwsCredentials::fixed(i, s, var("AWS_SESSION_TOKEN")))
                }
                (None, Some("EcsContainer")) => self.container()?,
                (None, Some("Ec2InstanceMetadata")) => self.machine()?,
                _ => keys,
            };
            let source = source.ok_or_else(|| {
                format!("the profile {name:?} has a role but no source of credentials for it")
            })?;
            return self.assume(&source, &role).map(Some);
        }
        if keys.is_some() {
            return Ok(keys);
        }
        if let Some(command) = get("credential_process") {
            return from_process(command).map(Some);
        }
        self.sso(name, p, files)
    }

    /// The credentials of a signed-in SSO session.
    fn sso(&self, name: &str, profile: &BTreeMap<String, String>, files: &Sections) -> Found {
        let (Some(account), Some(role)) = (profile.get("sso_account_id"), profile.get("sso_role_name"))
        else {
            return Ok(None);
        };
        let session = profile.get("sso_session");
        let shared = session.and_then(|s| files.get(&format!("sso-session {s}")));
        let get = |k: &str| profile.get(k).or_else(|| shared?.get(k));
        let (Some(start), Some(region)) = (get("sso_start_url"), get("sso_region")) else {
            return Err(format!("the profile {name:?} lacks sso_start_url or sso_region"));
        };
        let key = session.unwrap_or(start);
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
        let hash: String = digest.as_ref().iter().map(|b| format!("{b:02x}")).collect();
        let folder = self.config_files.first().and_then(|p| p.parent()).map(|p| p.join("sso").join("cache"));
        let sign_in = || {
            format!(
                "the SSO session of profile {name:?} is not signed in or has ended: run aws sso login --profile {name}"
            )
        };
        let text = folder
            .and_then(|f| fs::read_to_string(f.join(format!("{hash}.json"))).ok())
            .ok_or_else(sign_in)?;
        let cached: serde_json::Value = serde_json::from_str(&text).map_err(|_| sign_in())?;
        let token = cached["accessToken"].as_str().ok_or_else(sign_in)?.to_owned();
        let ends = cached["expiresAt"].as_str().and_then(|t| t.parse::<jiff::Timestamp>().ok());
        if ends.is_some_and(|e| e <= jiff::Timestamp::now()) {
            return Err(sign_in());
        }
        let url = format!(
            "https://portal.sso.{region}.{}/federation/credentials?role_name={}&account_id={}",
            super::domain(region),
            super::sign::encode(role, false),
            super::sign::encode(account, false)
        );
        let headers = || vec![("x-amz-sso_bearer_token".to_owned(), token.clone())];
        let reply = self.web.send("GET", &url, &headers, &[])?;
        if reply.status != 200 {
            return Err(format!("SSO refused credentials for profile {name:?} with status {}", reply.status));
        }
        let json: serde_json::Value =
            serde_json::from_slice(&reply.body).map_err(|e| format!("SSO gave no credentials: {e}"))?;
        let c = &json["roleCredentials"];
        let part = |k: &str| c[k].as_str().map(str::to_owned).ok_or_else(|| format!("SSO gave no {k}"));
        Ok(Some(AwsCredentials {
            access_key_id: part("accessKeyId")?,
            secret_access_key: part("secretAccessKey")?,
            session_token: Some(part("sessionToken")?),
            expires: c["expiration"].as_i64().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()),
        }))
    }

    fn container(&self) -> Found {
        let url = match (
            self.env.var("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
            self.env.var("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
        ) {
            (Some(path), _) => format!("http://169.254.170.2{path}"),
            (None, Some(url)) => url.to_owned(),
            (None, None) => return Ok(None),
        };
        let token = match self.env.var("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            Some(f) => {
                Some(fs::read_to_string(f).map_err(|e| format!("cannot read {f}: {e}"))?.trim().to_owned())
            }
            None => self.env.var("AWS_CONTAINER_AUTHORIZATION_TOKEN").map(str::to_owned),
        };
        let headers = || token.iter().map(|t| ("authorization".to_owned(), t.clone())).collect();
        let reply = self.web.send("GET", &url, &headers, &[])?;
        if reply.status != 200 {
            return Err(format!("the container's credentials were refused with status {}", reply.status));
        }
        from_json(&reply.body).map(Some)
    }

    /// The role of the machine, from its metadata. `None` where there is none.
    fn machine(&self) -> Found {
        let base = &self.metadata_endpoint;
        let quick = |method: &str, path: &str, header: (&str, &str)| {
            let headers = || vec![(header.0.to_owned(), header.1.to_owned())];
            self.web.send(method, &format!("{base}{path}"), &headers, &[])
        };
        let ttl = ("x-aws-ec2-metadata-token-ttl-seconds", "21600");
        let Ok(reply) = quick("PUT", "/latest/api/token", ttl) else { return Ok(None) };
        if reply.status != 200 {
            return Ok(None);
        }
        let token = String::from_utf8_lossy(&reply.body).into_owned();
        let get = |path: &str| quick("GET", path, ("x-aws-ec2-metadata-token", &token));
        let path = "/latest/meta-data/iam/security-credentials/";
        let list = get(path)?;
        if list.status != 200 {
            return Ok(None);
        }
        let list = String::from_utf8_lossy(&list.body).into_owned();
        let Some(role) = list.lines().next() else { return Ok(None) };
        from_json(&get(&format!("{path}{role}"))?.body).map(Some)
    }

    fn with_web_identity(&self, role: &Role, token: &WebToken) -> Result<AwsCredentials, String> {
        let token = match token {
            WebToken::Text(t) => t.clone(),
            WebToken::File(f) => fs::read_to_string(f)
                .map_err(|e| format!("cannot read {}: {e}", f.display()))?
                .trim()
                .to_owned(),
        };
        self.sts("AssumeRoleWithWebIdentity", role, vec![("WebIdentityToken".into(), token)], None)
    }

    fn assume(&self, base: &AwsCredentials, role: &Role) -> Result<AwsCredentials, String> {
        self.sts("AssumeRole", role, Vec::new(), Some(base))
    }

    fn sts(
        &self,
        action: &str,
        role: &Role,
        more: Vec<(String, String)>,
        signer: Option<&AwsCredentials>,
    ) -> Result<AwsCredentials, String> {
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
        let encode = |t: &str| super::sign::encode(t, false);
        let body =
            form.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect::<Vec<_>>().join("&");
        let (endpoint, region) = &self.sts;
        let (scheme, host) = endpoint.split_once("://").unwrap_or(("https", endpoint));
        let kind = [("content-type", "application/x-www-form-urlencoded; charset=utf-8".to_owned())];
        let request = Unsigned {
            method: "POST",
            scheme,
            host,
            path: "/",
            query: &[],
            headers: &kind,
            body: body.as_bytes(),
            service: "sts",
            region,
        };
        let headers = || match signer {
            Some(c) => request.sign(c, jiff::Timestamp::now()),
            None => kind.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect(),
        };
        let reply = self.web.send("POST", &request.url(), &headers, body.as_bytes())?;
        let text = String::from_utf8_lossy(&reply.body);
        let part = |tag: &str| xml::values(&text, tag).into_iter().next();
        if reply.status != 200 {
            let reason = part("Message")
                .or_else(|| part("Code"))
                .unwrap_or_else(|| format!("status {}", reply.status));
            return Err(format!("the role {} cannot be assumed: {reason}", role.arn));
        }
        let needed = |tag: &str| part(tag).ok_or_else(|| format!("STS gave no {tag}"));
        Ok(AwsCredentials {
            access_key_id: needed("AccessKeyId")?,
            secret_access_key: needed("SecretAccessKey")?,
            session_token: Some(needed("SessionToken")?),
            expires: part("Expiration").and_then(|t| t.parse().ok()),
        })
    }
}

/// A role from its configuration.
fn role(config: &Config<'_>) -> Result<Role, String> {
    let mut role = Role { arn: config.filled("role_arn").unwrap_or_default().into(), ..Role::default() };
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

/// Adds the sections of a shared file: `[default]`, `[profile x]` in the configuration
/// and `[x]` in the credentials, `[sso-session x]`.
fn parse_ini(text: &str, is_config: bool, out: &mut Sections) {
    let mut current: Option<String> = None;
    for line in text.lines() {
        // Indented lines belong to settings that do not matter here.
        if line.starts_with([' ', '\t', '#', ';']) || line.trim().is_empty() {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.split(']').next()) {
            let name = name.trim();
            current = match name.strip_prefix("profile ") {
                Some(n) if is_config => Some(n.trim().to_owned()),
                _ if !is_config || name == "default" || name.starts_with("sso-session ") => {
                    Some(name.to_owned())
                }
                _ => None,
            };
        } else if let (Some(section), Some((k, v))) = (&current, line.split_once('=')) {
            let v = v.split(" #").next().unwrap_or_default().trim();
            out.entry(section.clone()).or_default().insert(k.trim().to_lowercase(), v.to_owned());
        }
    }
}

/// Credentials in the JSON of metadata services and credential processes.
fn from_json(bytes: &[u8]) -> Result<AwsCredentials, String> {
    let json: serde_json::Value =
        serde_json::from_slice(bytes).map_err(|e| format!("the answer holds no credentials: {e}"))?;
    let part = |k: &str| json[k].as_str().map(str::to_owned);
    let needed = |k: &str| part(k).ok_or_else(|| format!("the answer holds no {k}"));
    Ok(AwsCredentials {
        access_key_id: needed("AccessKeyId")?,
        secret_access_key: needed("SecretAccessKey")?,
        session_token: part("Token").or_else(|| part("SessionToken")),
        expires: part("Expiration").and_then(|t| t.parse().ok()),
    })
}

/// Runs a profile's `credential_process`.
fn from_process(command: &str) -> Result<AwsCredentials, String> {
    let out = Command::new("sh")
        .args(["-c", command])
        .output()
        .map_err(|e| format!("the credential process does not start: {e}"))?;
    if !out.status.success() {
        let said = String::from_utf8_lossy(&out.stderr);
        return Err(format!("the credential process failed: {}", said.trim()));
    }
    from_json(&out.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_read_from_both_kinds_of_files() {
        let mut out = Sections::new();
        let config = "[default]\nregion = x\n# c\n[profile p]\nrole_arn=a # why\ns3 =\n  max = 3\n[sso-session s]\nsso_region=r\n[other]\nk=v\n";
        parse_ini(config, true, &mut out);
        parse_ini("[p]\naws_access_key_id = K=\n[default]\nAWS_SECRET_ACCESS_KEY=s\n", false, &mut out);
        assert_eq!(out["p"]["role_arn"], "a");
        assert_eq!(out["p"]["aws_access_key_id"], "K=");
        assert_eq!(out["default"]["aws_secret_access_key"], "s");
        assert_eq!(out["sso-session s"]["sso_region"], "r");
        assert!(!out.contains_key("other") && !out["p"].contains_key("max"));
    }

    #[test]
    fn durations() {
        assert_eq!(seconds("1h30m"), Some(5400));
        assert_eq!(seconds("45s"), Some(45));
        for bad in ["", "1", "x", "1d", "h"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let text = format!("{:?}", AwsCredentials::fixed("id", "secret", Some("token")));
        assert!(text.contains("id") && !text.contains("secret\"") && !text.contains("token\""), "{text}");
    }
}
