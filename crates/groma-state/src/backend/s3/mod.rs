//! The `s3` backend: states as objects of a bucket, locked by objects beside them, or by items of
//! a table of DynamoDB.
//!
//! Four kinds of requests need no SDK: they are signed, sent and tried again by groma-aws.

mod credentials;
mod store;
mod table;

pub use groma_aws::Credentials as AwsCredentials;

use super::config::Config;
use super::{BackendEnv, CredentialsSource};
use crate::error::{Problem, StateError};
use crate::file::StateFile;
use crate::lock::LockInfo;
use crate::store::{Backend, DEFAULT_WORKSPACE, StateStore};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use groma_aws::web::{Reply, Web, WebOptions, pem_file};
use groma_aws::{Element, Endpoint, Endpoints, Refusal, Unsigned, domain, encode};
use md5::{Digest, Md5};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::S3Store;
use table::Table;

/// States in a bucket: `KEY` for the workspace `default`, `PREFIX/NAME/KEY` for others.
pub struct S3Backend {
    client: Arc<Client>,
    key: String,
    prefix: String,
    use_lockfile: bool,
    table: Option<Arc<Table>>,
}

/// Requests to one bucket.
struct Client {
    web: Web,
    bucket: String,
    region: String,
    scheme: String,
    host: String,
    /// Before the key: empty, or `/BUCKET`.
    base: String,
    /// Headers of what is written.
    written: Vec<(&'static str, String)>,
    /// The customer's own encryption key: headers of what is written and read.
    customer_key: Vec<(&'static str, String)>,
    checksums: bool,
    source: CredentialsSource,
    current: Mutex<Option<AwsCredentials>>,
}

fn error(detail: impl Into<String>) -> StateError {
    StateError::backend("S3 remote state", detail)
}

impl S3Backend {
    /// Configures it; nothing is sent.
    pub(super) fn new(config: &Config<'_>, env: &BackendEnv) -> Result<S3Backend, StateError> {
        let mut problems = Vec::new();
        let mut problem = |name: &str, summary: &str, detail: &str| {
            problems.push(Problem::new(summary, detail).at(name));
        };
        const VALUE: &str = "Invalid Value";
        for name in ["bucket", "key"] {
            match config.text(name) {
                None => problem(
                    name,
                    "Missing Required Value",
                    &format!(
                        "The attribute {name:?} is required by the backend.\n\nRefer to the backend documentation for additional information which attributes are required."
                    ),
                ),
                Some(v) if v.trim().is_empty() => {
                    problem(name, VALUE, "The value cannot be empty or all whitespace")
                }
                Some(_) => {}
            }
        }
        for name in ["key", "workspace_key_prefix"] {
            if config.text(name).is_some_and(|k| k.starts_with('/') || k.ends_with('/')) {
                problem(name, VALUE, "The value must not start or end with \"/\"");
            }
        }
        let region = config
            .filled("region")
            .or_else(|| env.var("AWS_REGION"))
            .or_else(|| env.var("AWS_DEFAULT_REGION"));
        if region.is_none() {
            problem(
                "region",
                "Missing region value",
                "The \"region\" attribute or the \"AWS_REGION\" or \"AWS_DEFAULT_REGION\" environment variables must be set.",
            );
        }
        if config.filled("kms_key_id").is_some() && config.filled("sse_customer_key").is_some() {
            problem("kms_key_id", VALUE, "Only one of \"kms_key_id\" and \"sse_customer_key\" can be set.");
        }
        let customer_key = config.filled("sse_customer_key").or_else(|| env.var("AWS_SSE_CUSTOMER_KEY"));
        let customer_key = match customer_key.map(|k| STANDARD.decode(k)) {
            None => Vec::new(),
            Some(Ok(k)) if k.len() == 32 => vec![
                ("x-amz-server-side-encryption-customer-algorithm", "AES256".to_owned()),
                ("x-amz-server-side-encryption-customer-key", STANDARD.encode(&k)),
                ("x-amz-server-side-encryption-customer-key-md5", STANDARD.encode(Md5::digest(&k))),
            ],
            Some(_) => {
                problem("sse_customer_key", VALUE, "The value must be the base64 text of 32 bytes.");
                Vec::new()
            }
        };
        if !problems.is_empty() {
            return Err(StateError::Invalid(problems));
        }
        let configured = |e: String| StateError::invalid("Invalid backend configuration", e);
        let region = region.unwrap_or_default();
        let world = env.environment();
        let authorities = config.filled("custom_ca_bundle").or_else(|| env.var("AWS_CA_BUNDLE"));
        let options = WebOptions {
            insecure: config.flag("insecure").unwrap_or_default(),
            authorities: authorities.map(|f| pem_file(&world, f)).transpose().map_err(configured)?,
            http_proxy: config.filled("http_proxy").map(str::to_owned),
            https_proxy: config.filled("https_proxy").map(str::to_owned),
            no_proxy: config.filled("no_proxy").map(str::to_owned),
            retries: config.number("max_retries").unwrap_or(5),
            wait_min: Duration::from_millis(200),
            wait_max: Duration::from_secs(20),
            ..WebOptions::default()
        };
        let chain = credentials::chain(config, env, region, &options).map_err(configured)?;
        let profiles = chain.profiles().unwrap_or_default();
        let endpoints = Endpoints::new(&world, profiles.get(chain.profile_name()));
        let source = match &env.aws_credentials {
            Some(s) => s.clone(),
            None => Arc::new(move || chain.find().map(|f| f.credentials).map_err(said)) as CredentialsSource,
        };
        let bucket = config.filled("bucket").unwrap_or_default();
        let (scheme, host, base) = endpoint(config, env, &endpoints, bucket, region);
        let mut written = Vec::new();
        if let Some(acl) = config.filled("acl") {
            written.push(("x-amz-acl", acl.to_owned()));
        }
        if let Some(kms) = config.filled("kms_key_id") {
            written.push(("x-amz-server-side-encryption", "aws:kms".into()));
            written.push(("x-amz-server-side-encryption-aws-kms-key-id", kms.to_owned()));
        } else if config.flag("encrypt") == Some(true) && customer_key.is_empty() {
            written.push(("x-amz-server-side-encryption", "AES256".into()));
        }
        let client = Client {
            web: Web::new(options, &world).map_err(configured)?,
            bucket: bucket.to_owned(),
            region: region.to_owned(),
            scheme,
            host,
            base,
            written,
            customer_key,
            checksums: config.flag("skip_s3_checksum") != Some(true),
            source,
            current: Mutex::default(),
        };
        let client = Arc::new(client);
        let table = config.filled("dynamodb_table").map(|name| {
            let custom = credentials::endpoint(config, env, "dynamodb")
                .or_else(|| endpoints.custom("dynamodb").map(|(url, _)| url));
            let standard = format!("https://dynamodb.{region}.{}", domain(region));
            let at = Endpoint::at(custom.unwrap_or(&standard), region, None);
            Arc::new(Table { client: client.clone(), name: name.to_owned(), at })
        });
        Ok(S3Backend {
            client,
            table,
            key: config.filled("key").unwrap_or_default().to_owned(),
            prefix: config.text("workspace_key_prefix").unwrap_or("env:").to_owned(),
            use_lockfile: config.flag("use_lockfile").unwrap_or_default(),
        })
    }

    /// The key of a workspace's state.
    fn state_key(&self, workspace: &str) -> String {
        match (workspace, self.prefix.as_str()) {
            (DEFAULT_WORKSPACE, _) => self.key.clone(),
            (w, "") => format!("{w}/{}", self.key),
            (w, p) => format!("{p}/{w}/{}", self.key),
        }
    }

    fn store(&self, workspace: &str) -> S3Store {
        S3Store::new(self.client.clone(), self.state_key(workspace), self.use_lockfile, self.table.clone())
    }
}

/// Why there are no credentials, for the middle of a sentence, and what to do about it.
fn said(e: groma_aws::CredentialsError) -> String {
    match e.remedy.trim_end_matches('.') {
        "" => e.message,
        remedy => format!("{}.\n\n{remedy}", e.message),
    }
}

/// Scheme, host, and what comes before a key.
fn endpoint(
    config: &Config<'_>,
    env: &BackendEnv,
    endpoints: &Endpoints,
    bucket: &str,
    region: &str,
) -> (String, String, String) {
    let custom =
        credentials::endpoint(config, env, "s3").or_else(|| endpoints.custom("s3").map(|(url, _)| url));
    let path_style =
        config.flag("use_path_style").or_else(|| config.flag("force_path_style")).unwrap_or_default();
    let flag = |name: &str, variable: &str| {
        config.flag(name).unwrap_or_else(|| env.var(variable).is_some_and(|v| v.eq_ignore_ascii_case("true")))
    };
    let fips = if flag("use_fips_endpoint", "AWS_USE_FIPS_ENDPOINT") { "-fips" } else { "" };
    let dual = if flag("use_dualstack_endpoint", "AWS_USE_DUALSTACK_ENDPOINT") { ".dualstack" } else { "" };
    let standard = format!("https://s3{fips}{dual}.{region}.{}", domain(region));
    let Endpoint { scheme, host, base, .. } = Endpoint::at(custom.unwrap_or(&standard), region, None);
    // Nothing stands before an address; AWS's SDKs see it the same way.
    let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
    let address = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    // A dot in the name would not match the certificate of the host.
    if path_style || address || (bucket.contains('.') && scheme == "https") {
        (scheme, host, format!("{base}/{}", encode(bucket, false)))
    } else {
        (scheme, format!("{bucket}.{host}"), base)
    }
}

/// What an unsuccessful answer says, as a sentence part.
fn text(refusal: &Refusal) -> String {
    match refusal.code.as_str() {
        "" => format!("the answer has the status {}", refusal.status),
        code => format!("api error {code}: {} (status {})", refusal.message, refusal.status),
    }
}

impl Client {
    fn credentials(&self) -> Result<AwsCredentials, StateError> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(c) = current.as_ref().filter(|c| c.fresh()) {
            return Ok(c.clone());
        }
        let found = (self.source)().map_err(|e| error(format!("No AWS credentials: {e}.")))?;
        Ok(current.insert(found).clone())
    }

    fn send(
        &self,
        method: &str,
        key: &str,
        query: &[(&str, &str)],
        headers: &[(&str, String)],
        body: &[u8],
    ) -> Result<Reply, StateError> {
        let path = match key {
            "" if self.base.is_empty() => "/".to_owned(),
            "" => self.base.clone(),
            k => format!("{}/{}", self.base, encode(k, true)),
        };
        let credentials = self.credentials()?;
        let request = Unsigned {
            method,
            scheme: &self.scheme,
            host: &self.host,
            path: &path,
            query,
            headers,
            body,
            service: "s3",
            region: &self.region,
        };
        let sign = || request.sign(&credentials, jiff::Timestamp::now());
        self.web.send(method, &request.url(), &sign, body).map_err(error)
    }

    fn failed(&self, what: &str, refusal: &Refusal) -> StateError {
        match refusal.code.as_str() {
            "NoSuchBucket" => error(format!(
                "S3 bucket {:?} does not exist.\n\nThe referenced S3 bucket must have been previously created. If the S3 bucket was created within the last minute, please wait for a minute or two and try again.",
                self.bucket
            )),
            _ => error(format!("failed to {what}: {}", text(refusal))),
        }
    }

    /// An object; `None` where there is none.
    fn get(&self, key: &str, what: &str) -> Result<Option<Vec<u8>>, StateError> {
        let reply = self.send("GET", key, &[], &self.customer_key, &[])?;
        if reply.status == 200 {
            return Ok(Some(reply.body));
        }
        let refusal = Refusal::of(&reply);
        match (refusal.status, refusal.code.as_str()) {
            (404, "NoSuchBucket") => Err(self.failed(what, &refusal)),
            (404, _) => Ok(None),
            _ => Err(self.failed(what, &refusal)),
        }
    }

    /// Writes an object; with `new`, only where there is none, and else gives the refusal.
    fn put(&self, key: &str, body: &[u8], new: bool, what: &str) -> Result<Result<(), Refusal>, StateError> {
        let mut headers = vec![("content-type", "application/json".to_owned())];
        headers.extend(self.written.iter().cloned());
        headers.extend(self.customer_key.iter().cloned());
        if self.checksums {
            let sum = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body);
            headers.push(("x-amz-checksum-sha256", STANDARD.encode(sum.as_ref())));
        }
        if new {
            headers.push(("if-none-match", "*".into()));
        }
        let reply = self.send("PUT", key, &[], &headers, body)?;
        if reply.status == 200 {
            return Ok(Ok(()));
        }
        let refusal = Refusal::of(&reply);
        match refusal.status {
            409 | 412 if new => Ok(Err(refusal)),
            _ => Err(self.failed(what, &refusal)),
        }
    }

    fn delete(&self, key: &str, what: &str) -> Result<(), StateError> {
        let reply = self.send("DELETE", key, &[], &[], &[])?;
        match reply.status {
            200 | 204 | 404 => Ok(()),
            _ => Err(self.failed(what, &Refusal::of(&reply))),
        }
    }

    /// The keys that begin with `prefix`; `None` where listing is not allowed.
    fn list(&self, prefix: &str) -> Result<Option<Vec<String>>, StateError> {
        let mut keys = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut query = vec![("list-type", "2"), ("max-keys", "1000"), ("prefix", prefix)];
            if let Some(t) = &token {
                query.push(("continuation-token", t));
            }
            let reply = self.send("GET", "", &query, &[], &[])?;
            if reply.status != 200 {
                let refusal = Refusal::of(&reply);
                return match refusal.code.as_str() {
                    "AccessDenied" => Ok(None),
                    _ => Err(self.failed("list workspaces", &refusal)),
                };
            }
            let root = Element::parse(&String::from_utf8_lossy(&reply.body))
                .map_err(|e| error(format!("failed to list workspaces: the answer is unusable: {e}")))?;
            let contents = root.children.iter().filter(|c| c.name == "Contents");
            keys.extend(contents.filter_map(|c| c.value("Key")).map(str::to_owned));
            token = root.value("NextContinuationToken").map(str::to_owned);
            if token.is_none() {
                return Ok(Some(keys));
            }
        }
    }
}

impl Backend for S3Backend {
    fn kind(&self) -> &'static str {
        "s3"
    }

    /// Where listing is not allowed, only `default` is known.
    fn workspaces(&self) -> Result<Vec<String>, StateError> {
        let prefix = if self.prefix.is_empty() { String::new() } else { format!("{}/", self.prefix) };
        let keys = self.client.list(&prefix)?.unwrap_or_default();
        let name = |key: &String| -> Option<String> {
            let (name, rest) = key.strip_prefix(&prefix)?.split_once('/')?;
            (rest == self.key && !name.is_empty()).then(|| name.to_owned())
        };
        let mut names: Vec<String> = keys.iter().filter_map(name).collect();
        names.sort();
        names.insert(0, DEFAULT_WORKSPACE.into());
        Ok(names)
    }

    fn delete_workspace(&self, name: &str) -> Result<(), StateError> {
        if name.is_empty() || name == DEFAULT_WORKSPACE {
            return Err(error("can't delete default state"));
        }
        self.store(name).delete()
    }

    fn open(&self, workspace: &str) -> Result<Box<dyn StateStore>, StateError> {
        let mut store = self.store(workspace);
        if workspace != DEFAULT_WORKSPACE && store.read()?.is_none() {
            // An empty state is what makes the workspace exist.
            let info = LockInfo::new("init", "");
            let id = store.lock(&info)?;
            let written = match store.read() {
                Ok(None) => store.write(&StateFile { serial: 1, ..StateFile::new() }),
                Ok(Some(_)) => Ok(()),
                Err(e) => Err(e),
            };
            store.unlock(&id)?;
            written?;
        }
        Ok(Box::new(store))
    }

    fn open_existing(&self, workspace: &str) -> Result<Box<dyn StateStore>, StateError> {
        Ok(Box::new(self.store(workspace)))
    }
}
