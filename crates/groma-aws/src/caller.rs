//! Calls: credentials, endpoint, signature, retries and errors put together.

use crate::credentials::{Chain, ChainOptions, Credentials, FORM, Resolved, Role, encode_form};
use crate::endpoint::{Endpoint, Endpoints, policy_name};
use crate::error::unreachable;
use crate::profiles::Profiles;
use crate::sign::Unsigned;
use crate::web::{Reply, Web, WebOptions, pem_file};
use crate::xml::Element;
use crate::{AwsError, Cause, CredentialsError, Environment, Failure, Refusal};
use serde_json::Value;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// Whose calls, and where to. The default is what the environment says.
#[derive(Clone, Debug, Default)]
pub struct CallerOptions {
    /// This profile of the shared files, before environment variables.
    pub profile: Option<String>,
    /// A role to assume with the credentials found.
    pub role: Option<Role>,
    /// These credentials, without a search.
    pub credentials: Option<Credentials>,
    /// The region, in place of `AWS_REGION`, `AWS_DEFAULT_REGION` and the profile's.
    pub region: Option<String>,
    /// How often to repeat what may succeed later, in place of `AWS_MAX_ATTEMPTS` and the profile's `max_attempts`
    /// (which count the first attempt); 8 if nothing says it.
    pub retries: Option<usize>,
    /// The first wait before a repetition, 200 ms if not set. Waits double up to 10 s and are partly random.
    pub wait: Option<Duration>,
}

/// Who the caller is for AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account's ID, 12 digits.
    pub account: String,
    /// The user's, role's or session's ARN.
    pub arn: String,
}

/// Calls services of AWS in one region as one identity. Clones and [`Caller::in_region`] share credentials and
/// connections. Credentials are looked for at the first call and again when they end.
#[derive(Clone)]
pub struct Caller {
    shared: Arc<Shared>,
    region: String,
}

struct Shared {
    web: Web,
    chain: Chain,
    endpoints: Endpoints,
    profile: Option<String>,
    current: Mutex<Option<Resolved>>,
    identity: OnceLock<Identity>,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("profile", &self.shared.profile)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// A call on its way.
struct Call<'a> {
    service: &'a str,
    action: &'a str,
    headers: &'a [(&'a str, String)],
    body: &'a [u8],
}

impl Caller {
    /// A caller; nothing is sent yet. Fails where no region is set, a file cannot be read or a setting makes no sense.
    pub fn new(env: &Environment, options: CallerOptions) -> Result<Caller, AwsError> {
        let malformed = |message: String| setup(Cause::Malformed, message, "");
        let files = Profiles::load(&Profiles::config_files(env), &Profiles::credentials_files(env));
        let files = files.map_err(malformed)?;
        let explicit = options.profile.is_some();
        let name = options.profile.as_deref().or_else(|| env.var("AWS_PROFILE"));
        let name = name.or_else(|| env.var("AWS_DEFAULT_PROFILE"));
        let profile = files.get(name.unwrap_or("default"));
        let setting = |s: &str| profile.and_then(|p| p.get(s));
        // A profile that the caller names is asked before the environment also here.
        let region = options.region.clone();
        let region = region.or_else(|| setting("region").filter(|_| explicit).map(str::to_owned));
        let region = region
            .or_else(|| env.var("AWS_REGION").map(str::to_owned))
            .or_else(|| env.var("AWS_DEFAULT_REGION").map(str::to_owned))
            .or_else(|| setting("region").map(str::to_owned));
        let Some(region) = region else {
            return Err(setup(
                Cause::WrongRegion,
                "no AWS region is set".into(),
                "Set AWS_REGION, or the region of the profile.",
            ));
        };
        let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if region.is_empty() || !region.chars().all(valid) {
            return Err(setup(
                Cause::WrongRegion,
                format!("{region:?} is not the name of an AWS region"),
                "Regions are named like eu-west-1.",
            ));
        }
        let attempts = env.var("AWS_MAX_ATTEMPTS").or_else(|| setting("max_attempts"));
        let attempts = attempts.and_then(|a| a.parse::<usize>().ok()).filter(|a| *a > 0);
        let bundle = env.var("AWS_CA_BUNDLE").or_else(|| setting("ca_bundle"));
        let web = WebOptions {
            authorities: bundle.map(|f| pem_file(env, f)).transpose().map_err(malformed)?,
            retries: options.retries.or(attempts.map(|a| a - 1)).unwrap_or(8),
            connection_retries: Some(3),
            wait_min: options.wait.unwrap_or(Duration::from_millis(200)),
            wait_max: Duration::from_secs(10),
            jitter: true,
            timeout: Some(Duration::from_secs(60)),
            ..WebOptions::default()
        };
        let endpoints = Endpoints::new(env, profile);
        let chain = ChainOptions {
            fixed: options.credentials,
            profile: options.profile.clone(),
            role: options.role,
            web: web.clone(),
            ..ChainOptions::default()
        };
        let shared = Shared {
            web: Web::new(web, env).map_err(malformed)?,
            chain: Chain::new(env, &region, chain).map_err(malformed)?,
            endpoints,
            profile: name.map(str::to_owned),
            current: Mutex::default(),
            identity: OnceLock::new(),
        };
        Ok(Caller { shared: Arc::new(shared), region })
    }

    /// The same identity in another region.
    pub fn in_region(&self, region: impl Into<String>) -> Caller {
        Caller { shared: self.shared.clone(), region: region.into() }
    }

    /// The region that is called.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Where the credentials come from, in words: `the profile "dev"`. Finds them, if that has not been done.
    pub fn origin(&self) -> Result<String, AwsError> {
        let failed = |e| self.no_credentials("", "", e);
        self.credentials().map(|r| r.origin).map_err(failed)
    }

    /// Account and ARN of the caller. Asked once.
    pub fn identity(&self) -> Result<Identity, AwsError> {
        if let Some(known) = self.shared.identity.get() {
            return Ok(known.clone());
        }
        let answer = self.call_query("sts", "2011-06-15", "GetCallerIdentity", &[])?;
        let part = |name: &str| {
            answer.value(name).map(str::to_owned).ok_or_else(|| {
                self.malformed("sts", "GetCallerIdentity", &format!("the answer has no {name}"))
            })
        };
        let found = Identity { account: part("Account")?, arn: part("Arn")? };
        Ok(self.shared.identity.get_or_init(|| found).clone())
    }

    /// Whether the calls go to an account. The error (cause [`Cause::WrongAccount`]) names the account found, whose
    /// credentials they are, and the profiles that would fit.
    pub fn check_account(&self, expected: &str) -> Result<Identity, AwsError> {
        let identity = self.identity()?;
        if identity.account == expected {
            return Ok(identity);
        }
        let message = format!(
            "the credentials of {} are of the account {}, and {expected} is expected; for AWS, the caller is {}",
            self.origin()?,
            identity.account,
            identity.arn
        );
        let files = self.shared.chain.profiles().unwrap_or_default();
        let fitting: Vec<String> = files.of_account(expected).map(|p| format!("{p:?}")).collect();
        let remedy = match fitting.as_slice() {
            [] => format!(
                "No profile of the shared configuration is known to be of {expected}. Make one with aws configure sso, then name it (AWS_PROFILE=NAME), or name a role of that account to assume."
            ),
            [one] => format!("Name the profile {one}, which is of {expected}, for example with AWS_PROFILE."),
            all => format!(
                "Name one of the profiles {}, which are of {expected}, for example with AWS_PROFILE.",
                all.join(", ")
            ),
        };
        let keys = if self.shared.chain.uses_variables() {
            " AWS_ACCESS_KEY_ID comes before AWS_PROFILE: unset it."
        } else {
            ""
        };
        Err(AwsError::new(Failure {
            remedy: format!("{remedy}{keys}"),
            ..self.failure("sts", "GetCallerIdentity", Cause::WrongAccount, message)
        }))
    }

    /// Calls a service of the query protocol (`sts`, `rds`, `autoscaling`, `ec2`, ...). `service` is its name in
    /// endpoints, `version` that of its API. Lists are `NAME.member.1`, or what the service's API says. Gives the
    /// `ACTIONResult` element, or the whole answer where it has none.
    pub fn call_query(
        &self,
        service: &str,
        version: &str,
        action: &str,
        params: &[(&str, &str)],
    ) -> Result<Element, AwsError> {
        let fixed = [("Action", action), ("Version", version)];
        let body = encode_form(fixed.iter().chain(params).copied());
        let headers = [("content-type", FORM.to_owned())];
        let reply = self.send(&Call { service, action, headers: &headers, body: body.as_bytes() })?;
        let text = String::from_utf8_lossy(&reply.body);
        let mut root = Element::parse(&text).map_err(|e| self.malformed(service, action, &e))?;
        let name = format!("{action}Result");
        Ok(match root.children.iter().position(|c| c.name == name) {
            Some(at) => root.children.swap_remove(at),
            None => root,
        })
    }

    /// Calls a service of the JSON protocols (`ecs`, `ssm`, `tagging`, ...). `target` is the `X-Amz-Target` header:
    /// `AmazonSSM.GetParameter`.
    pub fn call_json(&self, service: &str, target: &str, body: &Value) -> Result<Value, AwsError> {
        let (api, action) = target.rsplit_once('.').unwrap_or(("", target));
        let version = if JSON_1_0.contains(&api) { "1.0" } else { "1.1" };
        let headers = [
            ("content-type", format!("application/x-amz-json-{version}")),
            ("x-amz-target", target.to_owned()),
        ];
        let body = body.to_string();
        let reply = self.send(&Call { service, action, headers: &headers, body: body.as_bytes() })?;
        if reply.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&reply.body)
            .map_err(|e| self.malformed(service, action, &format!("the answer is no JSON: {e}")))
    }

    fn credentials(&self) -> Result<Resolved, CredentialsError> {
        let mut current = self.shared.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(c) = current.as_ref().filter(|c| c.credentials.fresh()) {
            return Ok(c.clone());
        }
        Ok(current.insert(self.shared.chain.find()?).clone())
    }

    /// Forgets credentials that AWS says have expired; whether others were found.
    fn renewed(&self, expired: &Credentials) -> bool {
        let mut current = self.shared.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_some_and(|c| c.credentials != *expired) {
            return true;
        }
        match self.shared.chain.find() {
            Ok(found) => {
                let others = found.credentials != *expired;
                *current = Some(found);
                others
            }
            Err(_) => false,
        }
    }

    fn send(&self, call: &Call<'_>) -> Result<Reply, AwsError> {
        let endpoint = self.shared.endpoints.get(call.service, &self.region);
        let mut again = true;
        loop {
            let found = self.credentials().map_err(|e| self.no_credentials(call.service, call.action, e))?;
            let reply = self.send_as(call, &endpoint, &found.credentials)?;
            if (200..300).contains(&reply.0.status) {
                return Ok(reply.0);
            }
            let refusal = Refusal::of(&reply.0);
            if again && refusal.cause() == Cause::Expired && self.renewed(&found.credentials) {
                again = false;
                continue;
            }
            return Err(self.refused(call, &endpoint, &found, refusal, reply.1));
        }
    }

    fn send_as(
        &self,
        call: &Call<'_>,
        endpoint: &Endpoint,
        credentials: &Credentials,
    ) -> Result<(Reply, usize), AwsError> {
        let path = format!("{}/", endpoint.base);
        let request = Unsigned {
            method: "POST",
            scheme: &endpoint.scheme,
            host: &endpoint.host,
            path: &path,
            query: &[],
            headers: call.headers,
            body: call.body,
            service: signing_name(call.service),
            region: &endpoint.region,
        };
        let headers = || request.sign(credentials, jiff::Timestamp::now());
        let passing = |r: &Reply| r.status >= 400 && Refusal::of(r).may_pass();
        let sent = self.shared.web.send_while("POST", &request.url(), &headers, call.body, &passing);
        sent.map_err(|e| {
            let named = endpoint.named_by.as_deref();
            let (message, remedy) = unreachable(&e, &endpoint.url(), &endpoint.region, named);
            let failure = self.failure(call.service, call.action, Cause::Unreachable, message);
            AwsError::new(Failure { remedy, ..failure })
        })
    }

    fn refused(
        &self,
        call: &Call<'_>,
        endpoint: &Endpoint,
        who: &Resolved,
        refusal: Refusal,
        attempts: usize,
    ) -> AwsError {
        let cause = refusal.cause();
        let origin = &who.origin;
        let region = &endpoint.region;
        let remedy = match cause {
            Cause::Expired => self.sign_in(origin),
            Cause::InvalidCredentials => format!(
                "The credentials are those of {origin}. Check that the key still exists and is complete (temporary ones need AWS_SESSION_TOKEN too), and that the account has enabled the region {region}."
            ),
            Cause::Denied => {
                let action = format!("{}:{}", policy_name(call.service), call.action);
                if refusal.message.contains("explicit deny") {
                    format!(
                        "A policy denies {action} by name: look in the policies of {origin}, its permissions boundary, and the organization's service control policies."
                    )
                } else {
                    format!("Allow {action} in a policy of {origin}, or name another profile (AWS_PROFILE).")
                }
            }
            Cause::WrongRegion => format!(
                "{region} was asked. Check the region (AWS_REGION), and that the account has enabled it."
            ),
            Cause::WrongClock => {
                format!(
                    "It is {} here: set the clock.",
                    jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC")
                )
            }
            Cause::Throttled | Cause::ServiceFailed => format!(
                "It was tried {attempts} time(s). Repeat it in some minutes; what was done before is kept. If it stays so, see whether AWS reports an incident in {region}."
            ),
            Cause::NotFound => format!("Check the name, and that it is in the region {region}."),
            _ => String::new(),
        };
        let failure = self.failure(call.service, call.action, cause, refusal.message);
        AwsError::new(Failure {
            code: refusal.code,
            status: Some(refusal.status),
            request_id: refusal.request_id,
            region: region.clone(),
            remedy,
            ..failure
        })
    }

    /// How to get new credentials of an origin.
    fn sign_in(&self, origin: &str) -> String {
        match &self.shared.profile {
            Some(p) if origin.contains("profile") => {
                format!(
                    "The credentials are those of {origin}. Sign in again: aws sso login --profile {p}, or whatever made them."
                )
            }
            _ => format!("The credentials are those of {origin}: get new ones, and repeat it."),
        }
    }

    fn no_credentials(&self, service: &str, action: &str, error: CredentialsError) -> AwsError {
        let refusal = error.refusal.unwrap_or_default();
        let remedy = match (error.remedy, error.cause) {
            (r, Cause::Expired) if r.is_empty() => {
                "Sign in again, and repeat the command: what was done before is kept.".into()
            }
            (r, _) => r,
        };
        AwsError::new(Failure {
            // The message has the code and the rest of the refusal already: they are of another call.
            code: refusal.code,
            request_id: refusal.request_id,
            remedy,
            ..self.failure(service, action, error.cause, error.message)
        })
    }

    fn failure(&self, service: &str, action: &str, cause: Cause, message: String) -> Failure {
        Failure {
            service: service.to_owned(),
            action: action.to_owned(),
            region: self.region.clone(),
            message,
            ..empty(cause)
        }
    }

    /// An answer that is not what the service's API says.
    pub(crate) fn malformed(&self, service: &str, action: &str, message: &str) -> AwsError {
        let remedy = match self.shared.endpoints.get(service, &self.region).named_by {
            Some(name) => format!("The endpoint comes from {name}: is AWS's API what answers there?"),
            None => "Something between this machine and AWS may answer in its place, such as a proxy.".into(),
        };
        AwsError::new(Failure {
            remedy,
            ..self.failure(service, action, Cause::Malformed, message.to_owned())
        })
    }
}

/// The APIs of version 1.0 of the JSON protocol; others have 1.1.
const JSON_1_0: &[&str] = &[
    "AWSStepFunctions",
    "AmazonSQS",
    "AppRunner",
    "DynamoDBStreams_20120810",
    "DynamoDB_20120810",
    "GraniteServiceVersion20100801",
];

/// The service's name in signatures.
fn signing_name(service: &str) -> &str {
    match service {
        "email" => "ses",
        s => s,
    }
}

fn empty(cause: Cause) -> Failure {
    Failure {
        service: String::new(),
        action: String::new(),
        cause,
        code: String::new(),
        message: String::new(),
        status: None,
        request_id: None,
        region: String::new(),
        remedy: String::new(),
    }
}

/// An error before any call.
fn setup(cause: Cause, message: String, remedy: &str) -> AwsError {
    AwsError::new(Failure { message, remedy: remedy.into(), ..empty(cause) })
}
