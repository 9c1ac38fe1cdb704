//! What went wrong with a call, and what to do about it.

use crate::web::{Reply, WebError, WebProblem};
use crate::xml::Element;
use std::fmt;
use std::ops::Deref;

/// Why a call failed, in kinds that a user does something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// There are no credentials anywhere.
    NoCredentials,
    /// There are credentials, and their time is over.
    Expired,
    /// AWS does not know the credentials.
    InvalidCredentials,
    /// The caller is known and may not do this.
    Denied,
    /// The credentials are of another account than the one expected.
    WrongAccount,
    /// The region does not exist, is not enabled, or is not where the object is.
    WrongRegion,
    /// The clock of this machine is wrong.
    WrongClock,
    /// Too many requests, also after waiting.
    Throttled,
    /// The service failed, also after waiting.
    ServiceFailed,
    /// No answer came from the service.
    Unreachable,
    /// What it is about does not exist.
    NotFound,
    /// The service refused for another reason, which its message says.
    Refused,
    /// The answer, or a setting on this side, makes no sense.
    Malformed,
}

/// An unsuccessful answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status code.
    pub status: u16,
    /// AWS's code, such as `AccessDenied`; empty if the answer has none.
    pub code: String,
    /// AWS's message; empty if the answer has none.
    pub message: String,
    /// What AWS's support asks for.
    pub request_id: Option<String>,
}

impl Refusal {
    /// Reads an unsuccessful answer of any of AWS's protocols.
    pub fn of(reply: &Reply) -> Refusal {
        let body = String::from_utf8_lossy(&reply.body);
        let mut refusal = Refusal { status: reply.status, ..Refusal::default() };
        let id = |name: &str| reply.header(name).map(str::to_owned);
        refusal.request_id = id("x-amzn-requestid").or_else(|| id("x-amz-request-id"));
        if let Ok(json) = serde_json::from_str::<serde_json::Value>(&body) {
            let text = |names: &[&str]| names.iter().find_map(|n| json[*n].as_str()).unwrap_or_default();
            let header = reply.header("x-amzn-errortype");
            // `com.amazonaws.ssm#ParameterNotFound` in the body, `ParameterNotFound:http://…` in the header.
            let code = header.unwrap_or_else(|| text(&["__type", "code", "Code"]));
            let code = code.split(':').next().unwrap_or_default();
            refusal.code = code.rsplit_once('#').map_or(code, |(_, c)| c).to_owned();
            refusal.message = text(&["message", "Message", "errorMessage"]).to_owned();
        } else if let Ok(root) = Element::parse(&body) {
            let error = root.find("Error").unwrap_or(&root);
            let text = |name: &str| error.value(name).unwrap_or_default().trim().to_owned();
            (refusal.code, refusal.message) = (text("Code"), text("Message"));
            let named = ["RequestId", "RequestID"].iter().find_map(|n| root.find(n));
            refusal.request_id = refusal.request_id.or_else(|| named.map(|e| e.text.clone()));
        }
        refusal
    }

    /// Whether waiting may help: throttling, or a failure of the service.
    pub fn may_pass(&self) -> bool {
        matches!(self.cause(), Cause::Throttled | Cause::ServiceFailed)
    }

    /// What kind of refusal it is.
    pub fn cause(&self) -> Cause {
        match self.code.as_str() {
            "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "TooManyRequestsException"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "BandwidthLimitExceeded"
            | "EC2ThrottledException"
            | "PriorRequestNotComplete"
            | "TransactionInProgressException"
            | "SlowDown" => Cause::Throttled,
            "RequestTimeout"
            | "RequestTimeoutException"
            | "InternalError"
            | "InternalFailure"
            | "ServiceUnavailable" => Cause::ServiceFailed,
            "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => Cause::Expired,
            "RequestExpired" | "RequestTimeTooSkewed" => Cause::WrongClock,
            // Signatures are refused for three reasons with the same code.
            "SignatureDoesNotMatch" | "InvalidSignatureException" | "AuthorizationHeaderMalformed"
                if self.message.contains("valid region") || self.message.contains("the region ") =>
            {
                Cause::WrongRegion
            }
            "SignatureDoesNotMatch" | "InvalidSignatureException"
                if self.message.contains("Signature expired")
                    || self.message.contains("Signature not yet current") =>
            {
                Cause::WrongClock
            }
            "SignatureDoesNotMatch"
            | "InvalidSignatureException"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "InvalidAccessKeyId"
            | "InvalidToken"
            | "AuthFailure"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "IncompleteSignature" => Cause::InvalidCredentials,
            "OptInRequired" | "SubscriptionRequiredException" | "PermanentRedirect" => Cause::WrongRegion,
            "AccessDenied"
            | "AccessDeniedException"
            | "UnauthorizedOperation"
            | "NotAuthorized"
            | "UnauthorizedException"
            | "Forbidden"
            | "ForbiddenException" => Cause::Denied,
            code if code.contains("NotFound") || code.starts_with("NoSuch") => Cause::NotFound,
            _ if self.status == 429 => Cause::Throttled,
            _ if self.status >= 500 && self.status != 501 => Cause::ServiceFailed,
            // An answer of something that is not AWS, such as a proxy.
            "" if self.status == 403 => Cause::Denied,
            _ => Cause::Refused,
        }
    }
}

/// `AccessDenied: User … is not authorized (HTTP 403, request 1234)`
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code.as_str(), self.message.as_str()) {
            ("", "") => f.write_str("the answer holds no reason")?,
            ("", message) => f.write_str(message)?,
            (code, "") => f.write_str(code)?,
            (code, message) => write!(f, "{code}: {message}")?,
        }
        match &self.request_id {
            Some(id) => write!(f, " (HTTP {}, request {id})", self.status),
            None => write!(f, " (HTTP {})", self.status),
        }
    }
}

/// Why there are no credentials. Shown, it is a sentence part that says what was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialsError {
    /// What kind of problem.
    pub cause: Cause,
    /// The reason, as a sentence part.
    pub message: String,
    /// What to do, as sentences; empty if the message says it.
    pub remedy: String,
    /// What a service answered, where one was asked.
    pub refusal: Option<Refusal>,
}

impl CredentialsError {
    pub(crate) fn new(cause: Cause, message: impl Into<String>) -> CredentialsError {
        CredentialsError { cause, message: message.into(), remedy: String::new(), refusal: None }
    }

    pub(crate) fn malformed(message: impl Into<String>) -> CredentialsError {
        CredentialsError::new(Cause::Malformed, message)
    }

    pub(crate) fn with_remedy(mut self, remedy: impl Into<String>) -> CredentialsError {
        self.remedy = remedy.into();
        self
    }

    pub(crate) fn refused(message: String, refusal: Refusal) -> CredentialsError {
        CredentialsError { refusal: Some(refusal.clone()), ..CredentialsError::new(refusal.cause(), message) }
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CredentialsError {}

/// A failed call. Shown, it is all sentences; [`AwsError::summary`] and [`AwsError::detail`] are its parts for a
/// diagnostic. Its fields are those of [`Failure`].
#[derive(Clone, PartialEq, Eq)]
pub struct AwsError(Box<Failure>);

/// What is known of a failed call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The service, as in its endpoint: `rds`; empty if it was not about one.
    pub service: String,
    /// The action: `StopDBCluster`; empty if it was not about one.
    pub action: String,
    /// What kind of problem.
    pub cause: Cause,
    /// AWS's code, such as `AccessDenied`; empty if AWS gave none.
    pub code: String,
    /// The reason, in AWS's words where it answered.
    pub message: String,
    /// The HTTP status code, if an answer came.
    pub status: Option<u16>,
    /// What AWS's support asks for.
    pub request_id: Option<String>,
    /// The region that was asked.
    pub region: String,
    /// What to do, as sentences; empty if the message says it.
    pub remedy: String,
}

impl AwsError {
    pub(crate) fn new(failure: Failure) -> AwsError {
        AwsError(Box::new(failure))
    }

    /// A title: `Cannot call rds StopDBCluster: access denied`.
    pub fn summary(&self) -> String {
        let why = match self.cause {
            Cause::NoCredentials => "no AWS credentials",
            Cause::Expired => "the AWS credentials have expired",
            Cause::InvalidCredentials => "AWS does not accept the credentials",
            Cause::Denied => "access denied",
            Cause::WrongAccount => return "Wrong AWS account".into(),
            Cause::WrongRegion => "wrong region",
            Cause::WrongClock => "this machine's clock is wrong",
            Cause::Throttled => "too many requests",
            Cause::ServiceFailed => "the service failed",
            Cause::Unreachable => "the service cannot be reached",
            Cause::NotFound => "not found",
            Cause::Refused => "refused",
            Cause::Malformed => "unusable answer or settings",
        };
        match self.action.as_str() {
            "" => format!("Cannot call AWS: {why}"),
            action => format!("Cannot call {} {action}: {why}", self.service),
        }
    }

    /// The reason with what identifies it, then what to do about it, in paragraphs.
    pub fn detail(&self) -> String {
        let mut out = match self.status {
            Some(status) => Refusal {
                status,
                code: self.code.clone(),
                message: self.message.clone(),
                request_id: self.request_id.clone(),
            }
            .to_string(),
            None => self.message.clone(),
        };
        if !out.ends_with(['.', '!', '?']) {
            out.push('.');
        }
        if !self.remedy.is_empty() {
            out.push_str("\n\n");
            out.push_str(&self.remedy);
        }
        out
    }
}

impl Deref for AwsError {
    type Target = Failure;
    fn deref(&self) -> &Failure {
        &self.0
    }
}

impl fmt::Debug for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.summary(), self.detail())
    }
}

impl std::error::Error for AwsError {}

/// Why no answer came from a URL, as a sentence part, and what to do about it.
pub(crate) fn unreachable(
    error: &WebError,
    url: &str,
    region: &str,
    named_by: Option<&str>,
) -> (String, String) {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest).split('/').next().unwrap_or_default();
    let tried = match error.attempts {
        0 | 1 => String::new(),
        n => format!(" after {n} attempts"),
    };
    let message = format!("{host} cannot be reached{tried}: {}", error.message);
    let remedy = match (named_by, error.problem) {
        (Some(name), _) => format!("The endpoint {url} comes from {name}: start what answers there, or unset it."),
        (None, WebProblem::NoHost) => format!(
            "Check that {region:?} is the name of a region which has this service, and that this machine resolves names of the internet."
        ),
        (None, WebProblem::Tls) => {
            "If a proxy inspects the traffic, name the file with its certificate authority in AWS_CA_BUNDLE.".into()
        }
        (None, _) => {
            "Check the network; if a proxy is needed, name it in HTTPS_PROXY and the hosts without one in NO_PROXY."
                .into()
        }
    };
    (message, remedy)
}
