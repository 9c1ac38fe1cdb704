//! Where credentials come from, with temporary homes and servers in the place of AWS's.

mod common;

use common::{Answer, Request, Server, answer, environment, home};
use groma_aws::{Cause, Chain, ChainOptions, CredentialsError, Environment, Resolved, Role, WebToken};
use serde_json::{Value, json};
use std::path::Path;

fn find(env: &Environment, options: ChainOptions) -> Result<Resolved, CredentialsError> {
    Chain::new(env, "eu-west-1", options).unwrap().find()
}

fn named(profile: &str) -> ChainOptions {
    ChainOptions { profile: Some(profile.into()), ..ChainOptions::default() }
}

/// The key's ID and the origin.
fn short(found: &Resolved) -> (&str, &str) {
    (&found.credentials.access_key_id, &found.origin)
}

/// STS that gives the keys `ROLE<n>`.
fn sts() -> Server {
    Server::start(|request, n| {
        let action = request.field("Action").unwrap_or_default();
        answer(
            200,
            format!(
                "<{action}Response><{action}Result><Credentials><AccessKeyId>ROLE{n}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></{action}Result></{action}Response>"
            ),
        )
    })
}

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "ENV"), ("AWS_SECRET_ACCESS_KEY", "s")];

#[test]
fn sources_come_in_the_order_of_the_sdks() {
    let dir = home(&[
        (
            "config",
            "[default]\naws_access_key_id = CONFIG\naws_secret_access_key = s\n[profile p]\naws_access_key_id = P\naws_secret_access_key = s\n",
        ),
        (
            "credentials",
            "[default]\naws_access_key_id = SHARED\naws_secret_access_key = s\naws_session_token = t\n",
        ),
    ]);
    let env = |vars: &[(&str, &str)]| environment(Some(dir.path()), vars);
    let found = find(&env(&[]), ChainOptions::default()).unwrap();
    assert_eq!(short(&found), ("SHARED", "the profile \"default\""));
    assert_eq!(found.credentials.session_token.as_deref(), Some("t"));
    assert_eq!(short(&find(&env(&[("AWS_PROFILE", "p")]), ChainOptions::default()).unwrap()).0, "P");
    let mut vars = KEYS.to_vec();
    vars.push(("AWS_PROFILE", "p"));
    let found = find(&env(&vars), ChainOptions::default()).unwrap();
    assert_eq!(short(&found), ("ENV", "the variable AWS_ACCESS_KEY_ID"));
    // A profile that the caller names comes before variables.
    assert_eq!(short(&find(&env(&vars), named("p")).unwrap()), ("P", "the profile \"p\""));
    let elsewhere = home(&[("x", "[default]\naws_access_key_id = X\naws_secret_access_key = s\n")]);
    let x = elsewhere.path().join(".aws/x");
    let moved = env(&[("AWS_SHARED_CREDENTIALS_FILE", x.to_str().unwrap())]);
    assert_eq!(short(&find(&moved, ChainOptions::default()).unwrap()).0, "X");
}

#[test]
fn what_is_missing_is_named() {
    let error = find(&environment(None, &[]), ChainOptions::default()).unwrap_err();
    assert_eq!(error.cause, Cause::NoCredentials);
    assert!(error.to_string().starts_with("no valid credential sources found"), "{error}");
    let dir = home(&[("config", "[profile a]\nregion = x\n[profile b]\nregion = x\n")]);
    let env = environment(Some(dir.path()), &[("AWS_PROFILE", "c")]);
    let error = find(&env, ChainOptions::default()).unwrap_err();
    assert!(error.to_string().contains("the profile \"c\" is not in the shared configuration"), "{error}");
    assert!(error.remedy.contains("are: a, b."), "{}", error.remedy);
    assert!(error.remedy.contains(dir.path().join(".aws/config").to_str().unwrap()), "{}", error.remedy);
}

#[test]
fn roles_are_assumed_with_their_source() {
    let server = sts();
    let config = "[profile base]\naws_access_key_id = BASE\naws_secret_access_key = s\n[profile one]\nrole_arn = arn:aws:iam::1:role/one\nsource_profile = base\nexternal_id = x\nrole_session_name = me\nduration_seconds = 900\n[profile two]\nrole_arn = arn:aws:iam::1:role/two\nsource_profile = one\n[profile self]\nrole_arn = arn:aws:iam::1:role/self\nsource_profile = self\naws_access_key_id = SELF\naws_secret_access_key = s\n[profile env]\nrole_arn = arn:aws:iam::1:role/env\ncredential_source = Environment\n[profile none]\nrole_arn = arn:aws:iam::1:role/none\n[profile loop]\nrole_arn = r\nsource_profile = pool\n[profile pool]\nrole_arn = r\nsource_profile = loop\n";
    let dir = home(&[("config", config)]);
    let env = environment(Some(dir.path()), &[("AWS_ENDPOINT_URL_STS", &server.url), KEYS[0], KEYS[1]]);
    let signers = |requests: &[Request]| -> Vec<String> {
        requests.iter().map(|r| r.signer().unwrap().split('/').next().unwrap().to_owned()).collect()
    };
    let found = find(&env, named("two")).unwrap();
    assert_eq!(short(&found), ("ROLE1", "the profile \"two\""));
    assert!(found.credentials.fresh() && found.credentials.expires.is_some());
    let requests = server.requests();
    assert_eq!(signers(&requests), ["BASE", "ROLE0"]);
    let [one, two] = requests.as_slice() else { panic!("two roles") };
    assert_eq!(one.field("RoleArn"), Some("arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fone"));
    assert_eq!(
        (one.field("ExternalId"), one.field("RoleSessionName"), one.field("DurationSeconds")),
        (Some("x"), Some("me"), Some("900"))
    );
    assert!(two.field("RoleSessionName").unwrap().starts_with("groma-"));
    find(&env, named("self")).unwrap();
    find(&env, named("env")).unwrap();
    // A role of the caller comes on top.
    let options = ChainOptions { role: Some(Role::new("arn:top")), ..named("base") };
    let found = find(&env, options).unwrap();
    assert_eq!(short(&found), ("ROLE4", "the role arn:top by way of the profile \"base\""));
    assert_eq!(signers(&server.requests()[2..]), ["SELF", "ENV", "BASE"]);
    let none = find(&env, named("none")).unwrap_err();
    assert!(none.to_string().contains("no source of credentials"), "{none}");
    assert!(none.remedy.contains("source_profile"), "{}", none.remedy);
    assert!(find(&env, named("loop")).unwrap_err().to_string().contains("refers to itself"));
}

#[test]
fn a_refused_role_says_why() {
    let refusal = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User u is not authorized to perform: sts:AssumeRole</Message></Error><RequestId>r</RequestId></ErrorResponse>";
    let server = Server::script(vec![answer(403, refusal)]);
    let dir = home(&[(
        "config",
        "[profile p]\nrole_arn = arn:r\nsource_profile = p\naws_access_key_id = a\naws_secret_access_key = b\n[profile mfa]\nrole_arn = arn:r\nsource_profile = p2\nmfa_serial = arn:mfa\n[profile p2]\naws_access_key_id = a\naws_secret_access_key = b\n",
    )]);
    let env = environment(Some(dir.path()), &[("AWS_ENDPOINT_URL", &server.url)]);
    let error = find(&env, named("p")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the role arn:r cannot be assumed: AccessDenied: User u is not authorized to perform: sts:AssumeRole (HTTP 403, request r)"
    );
    assert_eq!(error.refusal.unwrap().code, "AccessDenied");
    assert!(error.remedy.contains("Allow sts:AssumeRole on arn:r"), "{}", error.remedy);
    assert!(find(&env, named("mfa")).unwrap_err().remedy.contains("has an mfa_serial"));
}

#[test]
fn web_identities_are_not_signed() {
    let server = sts();
    let dir = home(&[
        ("token", "TOKEN\n"),
        ("config", "[profile p]\nrole_arn = arn:p\nweb_identity_token_file = .aws/token\n"),
    ]);
    let file = dir.path().join(".aws/token");
    let mut env = environment(
        Some(dir.path()),
        &[
            ("AWS_ENDPOINT_URL", server.url.as_str()),
            ("AWS_ROLE_ARN", "arn:web"),
            ("AWS_ROLE_SESSION_NAME", "ci"),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", file.to_str().unwrap()),
        ],
    );
    env.root = dir.path().into();
    let found = find(&env, ChainOptions::default()).unwrap();
    assert_eq!(short(&found), ("ROLE0", "the role arn:web of a web identity"));
    find(&env, named("p")).unwrap();
    let text = ChainOptions {
        web_identity: Some((Role::new("arn:text"), WebToken::Text("T".into()))),
        ..ChainOptions::default()
    };
    find(&env, text).unwrap();
    let requests = server.requests();
    assert!(requests.iter().all(|r| r.signer().is_none()));
    let tokens: Vec<_> = requests.iter().map(|r| r.field("WebIdentityToken").unwrap()).collect();
    assert_eq!(tokens, ["TOKEN", "TOKEN", "T"]);
    assert_eq!(requests[0].field("RoleSessionName"), Some("ci"));
    std::fs::remove_file(file).unwrap();
    assert!(
        find(&env, ChainOptions::default())
            .unwrap_err()
            .to_string()
            .contains("cannot read the web identity's token")
    );
}

#[test]
fn processes_give_credentials() {
    let config = "[profile good]\ncredential_process = echo '{\"Version\":1,\"AccessKeyId\":\"PROC\",\"SecretAccessKey\":\"s\",\"SessionToken\":\"t\",\"Expiration\":\"2999-01-01T00:00:00Z\"}'\n[profile bad]\ncredential_process = echo broken >&2; exit 3\n[profile odd]\ncredential_process = echo {}\n";
    let dir = home(&[("config", config)]);
    let env = environment(Some(dir.path()), &[]);
    let found = find(&env, named("good")).unwrap();
    assert_eq!(short(&found), ("PROC", "the profile \"good\""));
    assert!(found.credentials.expires.is_some());
    let bad = find(&env, named("bad")).unwrap_err();
    assert!(bad.to_string().contains("the credential process failed: broken"), "{bad}");
    assert!(bad.remedy.ends_with("echo broken >&2; exit 3"), "{}", bad.remedy);
    assert!(find(&env, named("odd")).unwrap_err().to_string().contains("no AccessKeyId"));
}

/// The file of the session `sso`, and of the start URL: hashes that `aws sso login` gives them.
const CACHE: &str = "sso/cache/afb9d1dcf212fa33d079a070ab90f0bef03c324b.json";
const OLD_CACHE: &str = "sso/cache/3947de8b16688092197fa616c34e01335f21d256.json";

fn sso_home(cached: &Value) -> tempfile::TempDir {
    let config = "[profile p]\nsso_session = sso\nsso_account_id = 111111111111\nsso_role_name = Admin Role\n[sso-session sso]\nsso_start_url = https://other/start\nsso_region = eu-west-1\n[profile old]\nsso_start_url = https://x.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = r\n[profile half]\nsso_account_id = 1\nsso_role_name = r\n";
    let text = cached.to_string();
    home(&[("config", config), (CACHE, &text), (OLD_CACHE, &text)])
}

fn portal(request: &Request, _: usize) -> Answer {
    let path = request.target.split('?').next().unwrap_or_default();
    match (path, request.header("x-amz-sso_bearer_token")) {
        ("/federation/credentials", Some("GOOD" | "RENEWED")) => answer(
            200,
            json!({ "roleCredentials": { "accessKeyId": "SSO", "secretAccessKey": "s", "sessionToken": "t", "expiration": 32_503_680_000_000_i64 } })
                .to_string(),
        ),
        ("/federation/credentials", Some("NOT")) => answer(403, "{\"message\":\"No access\"}"),
        ("/token", _) if request.body.contains("REFRESH") => answer(
            200,
            json!({ "accessToken": "RENEWED", "expiresIn": 3600, "refreshToken": "NEXT" }).to_string(),
        ),
        ("/token", _) => answer(400, "{\"error\":\"invalid_grant\"}"),
        _ => answer(401, "{\"message\":\"Session token not found or invalid\"}"),
    }
}

fn sso_environment(dir: &Path, server: &Server) -> Environment {
    environment(Some(dir), &[("AWS_ENDPOINT_URL", &server.url)])
}

#[test]
fn a_signed_in_session_gives_credentials() {
    let server = Server::start(portal);
    let dir = sso_home(&json!({ "accessToken": "GOOD", "expiresAt": "2999-01-01T00:00:00Z" }));
    let env = sso_environment(dir.path(), &server);
    let found = find(&env, named("p")).unwrap();
    assert_eq!(short(&found), ("SSO", "the profile \"p\""));
    assert!(found.credentials.expires.is_some() && found.credentials.fresh());
    find(&env, named("old")).unwrap();
    let targets: Vec<String> = server.requests().into_iter().map(|r| r.target).collect();
    assert_eq!(
        targets,
        [
            "/federation/credentials?role_name=Admin%20Role&account_id=111111111111",
            "/federation/credentials?role_name=r&account_id=1"
        ]
    );
    let half = find(&env, named("half")).unwrap_err();
    assert!(half.to_string().contains("lacks sso_start_url or sso_region"), "{half}");
}

#[test]
fn a_session_that_ended_is_renewed_and_kept() {
    let server = Server::start(portal);
    let cached = json!({
        "accessToken": "OLD", "expiresAt": "2020-01-01T00:00:00Z", "clientId": "c", "clientSecret": "s",
        "registrationExpiresAt": "2999-01-01T00:00:00Z", "refreshToken": "REFRESH", "region": "eu-west-1",
    });
    let dir = sso_home(&cached);
    let env = sso_environment(dir.path(), &server);
    find(&env, named("p")).unwrap();
    let path = dir.path().join(".aws").join(CACHE);
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(
        (&kept["accessToken"], &kept["refreshToken"], &kept["clientId"], &kept["region"]),
        (&json!("RENEWED"), &json!("NEXT"), &json!("c"), &json!("eu-west-1"))
    );
    let ends: jiff::Timestamp = kept["expiresAt"].as_str().unwrap().parse().unwrap();
    assert!(ends > jiff::Timestamp::now());
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 2, "no file is left beside it");
    // The next one needs no renewal.
    find(&env, named("p")).unwrap();
    assert_eq!(server.requests().iter().filter(|r| r.target == "/token").count(), 1);
}

#[test]
fn who_is_not_signed_in_is_told_how() {
    let server = Server::start(portal);
    let ended = "2020-01-01T00:00:00Z";
    let refresh = |registered: &str, token: &str| json!({ "accessToken": "OLD", "expiresAt": ended, "clientId": "c", "clientSecret": "s", "registrationExpiresAt": registered, "refreshToken": token });
    let cases = [
        json!({ "accessToken": "OLD", "expiresAt": ended }),
        json!({ "accessToken": "REVOKED", "expiresAt": "2999-01-01T00:00:00Z" }),
        json!({}),
        refresh("2999-01-01T00:00:00Z", "REVOKED"),
        refresh(ended, "REFRESH"),
    ];
    for cached in cases {
        let dir = sso_home(&cached);
        let error = find(&sso_environment(dir.path(), &server), named("p")).unwrap_err();
        assert_eq!(error.cause, Cause::Expired, "{cached}");
        assert!(error.to_string().ends_with("run aws sso login --profile p"), "{error}");
    }
    let dir = sso_home(&json!({ "accessToken": "NOT", "expiresAt": "2999-01-01T00:00:00Z" }));
    let error = find(&sso_environment(dir.path(), &server), named("p")).unwrap_err();
    assert_eq!(error.cause, Cause::Denied);
    assert!(error.to_string().contains("No access (HTTP 403)"), "{error}");
    assert!(error.remedy.contains("sso_role_name"), "{}", error.remedy);
}

#[test]
fn other_sign_ins_are_named() {
    let dir = home(&[("config", "[profile l]\nlogin_session = arn:aws:iam::1:user/u\nregion = eu-west-1\n")]);
    let error = find(&environment(Some(dir.path()), &[]), named("l")).unwrap_err();
    assert!(error.remedy.contains("aws configure export-credentials --profile l"), "{}", error.remedy);
}

const METADATA: &str = "{\"Code\":\"Success\",\"AccessKeyId\":\"META\",\"SecretAccessKey\":\"s\",\"Token\":\"t\",\"Expiration\":\"2999-01-01T00:00:00Z\"}";

#[test]
fn containers_give_credentials() {
    let server = Server::start(|r, _| match (r.target.as_str(), r.header("authorization")) {
        ("/role", Some("TOKEN")) => answer(200, METADATA),
        _ => answer(401, ""),
    });
    let dir = home(&[("token", "TOKEN\n")]);
    let url = format!("{}/role", server.url);
    let token = dir.path().join(".aws/token");
    let mut vars = vec![("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str())];
    // Metadata are on the machine: no proxy is asked.
    vars.push(("HTTP_PROXY", "http://127.0.0.1:1"));
    let refused = find(&environment(None, &vars), ChainOptions::default()).unwrap_err();
    assert!(refused.to_string().contains("refused with status 401"), "{refused}");
    vars.push(("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token.to_str().unwrap()));
    let found = find(&environment(None, &vars), ChainOptions::default()).unwrap();
    assert_eq!(short(&found), ("META", "the container's role"));
    let vars = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/role")];
    let error = find(&environment(None, &vars), ChainOptions::default()).unwrap_err();
    assert!(error.to_string().contains("neither encrypted nor on this machine"), "{error}");
}

#[test]
fn machines_give_credentials_for_a_session_token() {
    let server = Server::start(|r, _| {
        let session = r.header("x-aws-ec2-metadata-token");
        match (r.method.as_str(), r.target.as_str(), session) {
            ("PUT", "/latest/api/token", _) => answer(200, "SESSION"),
            ("GET", "/latest/meta-data/iam/security-credentials/", Some("SESSION")) => answer(200, "web\n"),
            ("GET", "/latest/meta-data/iam/security-credentials/web", Some("SESSION")) => {
                answer(200, METADATA)
            }
            _ => answer(401, ""),
        }
    });
    let mut env = Environment::default();
    env.vars.insert("AWS_EC2_METADATA_SERVICE_ENDPOINT".into(), format!("{}/", server.url));
    assert_eq!(short(&find(&env, ChainOptions::default()).unwrap()), ("META", "the machine's role \"web\""));
    let skipped = ChainOptions { skip_metadata: true, ..ChainOptions::default() };
    assert!(find(&env, skipped).is_err());
    env.vars.insert("AWS_EC2_METADATA_DISABLED".into(), "TRUE".into());
    assert!(find(&env, ChainOptions::default()).is_err());
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn profiles_name_endpoints() {
    let server = sts();
    let config = format!(
        "[profile p]\nrole_arn = arn:r\nsource_profile = base\nservices = local\n[profile base]\naws_access_key_id = a\naws_secret_access_key = b\n[services local]\nsts =\n  endpoint_url = {}\n",
        server.url
    );
    let dir = home(&[("config", &config)]);
    let found = find(&environment(Some(dir.path()), &[]), named("p")).unwrap();
    assert_eq!(short(&found).0, "ROLE0");
}
