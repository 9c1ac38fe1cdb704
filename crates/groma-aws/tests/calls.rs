//! What callers send, what they repeat, and what they say of errors; against a server that answers as told.

mod common;

use common::{Answer, Server, answer, caller, environment, home, quick};
use groma_aws::{Caller, CallerOptions, Cause, rds, tagging};
use serde_json::json;
use std::net::TcpListener;

const IDENTITY: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>arn:aws:iam::111111111111:user/a</Arn><UserId>AIDA</UserId><Account>111111111111</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>r1</RequestId></ResponseMetadata></GetCallerIdentityResponse>";

fn xml_error(status: u16, code: &str, message: &str) -> Answer {
    answer(
        status,
        format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>req-1</RequestId></ErrorResponse>"
        ),
    )
}

fn json_error(status: u16, code: &str, message: &str) -> Answer {
    let body = json!({ "__type": format!("com.amazonaws.x#{code}"), "message": message });
    Answer(status, vec![("x-amzn-RequestId", "req-2".into())], body.to_string())
}

#[test]
fn query_calls_are_signed_forms() {
    let server = Server::script(vec![answer(200, IDENTITY)]);
    let caller = caller(&format!("{}/base/", server.url));
    let identity = caller.identity().unwrap();
    assert_eq!(
        (identity.account.as_str(), identity.arn.as_str()),
        ("111111111111", "arn:aws:iam::111111111111:user/a")
    );
    caller.identity().unwrap();
    caller.in_region("eu-west-2").check_account("111111111111").unwrap();
    let requests = server.requests();
    let [one] = requests.as_slice() else { panic!("the identity is asked once: {requests:?}") };
    assert_eq!((one.method.as_str(), one.target.as_str()), ("POST", "/base/"));
    assert_eq!(one.body, "Action=GetCallerIdentity&Version=2011-06-15");
    let signer = one.signer().unwrap();
    assert!(signer.starts_with("AKIA/") && signer.ends_with("/eu-west-1/sts/aws4_request"), "{signer}");
    caller.in_region("eu-west-2").call_query("rds", "v", "Do", &[("Name.member.1", "a b&c")]).unwrap();
    let last = server.requests().pop().unwrap();
    assert_eq!(last.body, "Action=Do&Version=v&Name.member.1=a%20b%26c");
    assert!(last.signer().unwrap().ends_with("/eu-west-2/rds/aws4_request"));
}

#[test]
fn json_calls_name_their_target_and_version() {
    let server = Server::script(vec![answer(200, "{\"a\":1}"), answer(200, "")]);
    let caller = caller(&server.url);
    assert_eq!(caller.call_json("ssm", "AmazonSSM.Do", &json!({"x": 2})).unwrap()["a"], 1);
    assert!(caller.call_json("sqs", "AmazonSQS.Do", &json!({})).unwrap().is_null());
    let requests = server.requests();
    assert_eq!(requests[0].header("x-amz-target"), Some("AmazonSSM.Do"));
    assert_eq!(requests[0].header("content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(requests[0].body, "{\"x\":2}");
    assert_eq!(requests[1].header("content-type"), Some("application/x-amz-json-1.0"));
}

#[test]
fn throttling_failures_and_lost_connections_are_repeated() {
    let server = Server::script(vec![
        xml_error(400, "Throttling", "Rate exceeded"),
        answer(503, ""),
        answer(0, ""),
        answer(429, ""),
        answer(200, IDENTITY),
    ]);
    caller(&server.url).identity().unwrap();
    assert_eq!(server.requests().len(), 5);

    let server = Server::script(vec![json_error(400, "ThrottlingException", "Rate exceeded")]);
    let error = caller(&server.url).call_json("ssm", "AmazonSSM.Do", &json!({})).unwrap_err();
    assert_eq!(server.requests().len(), 5);
    assert_eq!(
        error.to_string(),
        "Cannot call ssm Do: too many requests: ThrottlingException: Rate exceeded (HTTP 400, request req-2).\n\nIt was tried 5 time(s). Repeat it in some minutes; what was done before is kept. If it stays so, see whether AWS reports an incident in eu-west-1."
    );

    let server = Server::script(vec![answer(500, "")]);
    let error = caller(&server.url).identity().unwrap_err();
    assert_eq!((error.cause, error.status, server.requests().len()), (Cause::ServiceFailed, Some(500), 5));

    let server = Server::script(vec![xml_error(400, "ValidationError", "no")]);
    let error = caller(&server.url).identity().unwrap_err();
    assert_eq!((error.cause, server.requests().len()), (Cause::Refused, 1));
}

#[test]
fn the_environment_and_the_profile_say_how_often() {
    let dir = home(&[(
        "config",
        "[profile p]\nregion = eu-west-3\nmax_attempts = 2\naws_access_key_id = a\naws_secret_access_key = b\n",
    )]);
    let tries = |vars: &[(&str, &str)]| {
        let server = Server::script(vec![answer(503, "")]);
        let mut vars = vars.to_vec();
        vars.extend([("AWS_PROFILE", "p"), ("AWS_ENDPOINT_URL", &server.url)]);
        let options = CallerOptions { retries: None, ..quick() };
        let caller = Caller::new(&environment(Some(dir.path()), &vars), options).unwrap();
        assert_eq!(caller.region(), "eu-west-3");
        caller.identity().unwrap_err();
        server.requests().len()
    };
    assert_eq!(tries(&[]), 2);
    assert_eq!(tries(&[("AWS_MAX_ATTEMPTS", "1")]), 1);
}

#[test]
fn errors_say_what_to_do() {
    // The protocol, the answer, the cause, and what the error must say.
    let cases: Vec<(Answer, Cause, &[&str])> = vec![
        (
            json_error(400, "AccessDeniedException", "User: u is not authorized"),
            Cause::Denied,
            &[
                "AccessDeniedException: User: u is not authorized (HTTP 400, request req-2)",
                "Allow tag:Do in a policy of the variable AWS_ACCESS_KEY_ID",
            ],
        ),
        (
            xml_error(
                403,
                "AccessDenied",
                "not authorized with an explicit deny in a service control policy",
            ),
            Cause::Denied,
            &["A policy denies tag:Do by name", "request req-1"],
        ),
        (
            xml_error(403, "ExpiredToken", "The security token included in the request is expired"),
            Cause::Expired,
            &["have expired", "get new ones"],
        ),
        (
            xml_error(403, "InvalidClientTokenId", "The security token included in the request is invalid."),
            Cause::InvalidCredentials,
            &["AWS_SESSION_TOKEN", "has enabled the region eu-west-1"],
        ),
        (
            xml_error(403, "SignatureDoesNotMatch", "Credential should be scoped to a valid region."),
            Cause::WrongRegion,
            &["eu-west-1 was asked", "AWS_REGION"],
        ),
        (
            xml_error(
                403,
                "SignatureDoesNotMatch",
                "Signature expired: 20250101T000000Z is now earlier than",
            ),
            Cause::WrongClock,
            &["set the clock"],
        ),
        (xml_error(404, "DBClusterNotFoundFault", "none"), Cause::NotFound, &["in the region eu-west-1"]),
        (
            json_error(400, "ValidationException", "is odd"),
            Cause::Refused,
            &["ValidationException: is odd (HTTP 400"],
        ),
        (answer(200, "<html>"), Cause::Malformed, &["no JSON", "The endpoint comes from AWS_ENDPOINT_URL"]),
        (answer(403, "<html><body>Proxy</body></html>"), Cause::Denied, &["holds no reason (HTTP 403)"]),
    ];
    for (answer, cause, says) in cases {
        let server = Server::script(vec![answer]);
        let error = caller(&server.url).call_json("tagging", "X.Do", &json!({})).unwrap_err();
        let text = error.to_string();
        assert_eq!(error.cause, cause, "{text}");
        assert_eq!((error.service.as_str(), error.action.as_str()), ("tagging", "Do"));
        assert!(says.iter().all(|s| text.contains(s)), "{text}");
        assert_eq!(text, format!("{}: {}", error.summary(), error.detail()));
    }
}

#[test]
fn an_endpoint_that_does_not_answer_is_named_with_what_names_it() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let error = caller(&url).identity().unwrap_err();
    let text = error.to_string();
    assert_eq!((error.cause, error.status), (Cause::Unreachable, None));
    assert!(text.contains(&format!("127.0.0.1:{port} cannot be reached after 4 attempts")), "{text}");
    assert!(text.contains(&format!("The endpoint {url} comes from AWS_ENDPOINT_URL")), "{text}");

    let env = environment(None, &[("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")]);
    let none = Caller::new(&env, quick()).unwrap_err();
    assert_eq!(
        none.to_string(),
        "Cannot call AWS: wrong region: no AWS region is set.\n\nSet AWS_REGION, or the region of the profile."
    );
    let odd = CallerOptions { region: Some("Ireland/1".into()), ..quick() };
    assert_eq!(Caller::new(&env, odd).unwrap_err().cause, Cause::WrongRegion);
}

#[test]
fn a_wrong_account_is_named_with_the_remedy() {
    let server = Server::script(vec![answer(200, IDENTITY)]);
    let keys = "aws_access_key_id = a\naws_secret_access_key = b\n";
    let config = format!(
        "[profile dev]\n{keys}[profile prod]\nsso_account_id = 222222222222\n[profile ops]\nrole_arn = arn:aws:iam::222222222222:role/ops\n[profile old]\nsso_account_id = 333333333333\n"
    );
    let dir = home(&[("config", &config)]);
    let vars = [("AWS_REGION", "eu-west-1"), ("AWS_ENDPOINT_URL", server.url.as_str())];
    let env = environment(Some(dir.path()), &vars);
    let options = CallerOptions { profile: Some("dev".into()), ..quick() };
    let caller = Caller::new(&env, options).unwrap();
    assert_eq!(caller.origin().unwrap(), "the profile \"dev\"");
    caller.check_account("111111111111").unwrap();
    assert_eq!(
        caller.check_account("222222222222").unwrap_err().to_string(),
        "Wrong AWS account: the credentials of the profile \"dev\" are of the account 111111111111, and 222222222222 is expected; for AWS, the caller is arn:aws:iam::111111111111:user/a.\n\nName one of the profiles \"ops\", \"prod\", which are of 222222222222, for example with AWS_PROFILE."
    );
    let error = caller.check_account("333333333333").unwrap_err();
    assert!(error.remedy.starts_with("Name the profile \"old\""), "{}", error.remedy);
    let error = common::caller(&server.url).check_account("444444444444").unwrap_err();
    assert!(error.message.contains("of the variable AWS_ACCESS_KEY_ID"), "{error}");
    assert!(error.remedy.contains("aws configure sso") && error.remedy.contains("unset it"), "{error}");
}

#[test]
fn expired_credentials_are_replaced_once() {
    let server = Server::start(|request, _| match request.signer() {
        Some(s) if s.starts_with("new/") => answer(200, IDENTITY),
        _ => xml_error(403, "ExpiredToken", "expired"),
    });
    let dir = home(&[("config", "[default]\naws_access_key_id = old\naws_secret_access_key = b\n")]);
    let vars = [("AWS_REGION", "eu-west-1"), ("AWS_ENDPOINT_URL", server.url.as_str())];
    let caller = Caller::new(&environment(Some(dir.path()), &vars), quick()).unwrap();
    let error = caller.identity().unwrap_err();
    assert_eq!((error.cause, server.requests().len()), (Cause::Expired, 1));
    assert!(error.remedy.contains("the profile \"default\""), "{error}");
    // Signed in again elsewhere, in the middle of a run.
    std::fs::write(
        dir.path().join(".aws/config"),
        "[default]\naws_access_key_id = new\naws_secret_access_key = b\n",
    )
    .unwrap();
    caller.identity().unwrap();
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn no_credentials_are_an_error_of_the_call() {
    let caller = Caller::new(&environment(None, &[("AWS_REGION", "eu-west-1")]), quick()).unwrap();
    let error = caller.call_query("rds", "v", "StopDBCluster", &[]).unwrap_err();
    assert_eq!((error.cause, error.status), (Cause::NoCredentials, None));
    let text = error.to_string();
    assert!(text.starts_with("Cannot call rds StopDBCluster: no AWS credentials: "), "{text}");
    assert!(text.contains("aws sso login"), "{text}");
}

#[test]
fn tagged_resources_come_in_pages() {
    let page = |arns: &[&str], token: &str| {
        let list: Vec<_> = arns
            .iter()
            .map(|arn| json!({ "ResourceARN": arn, "Tags": [{ "Key": "e", "Value": "v" }] }))
            .collect();
        answer(200, json!({ "ResourceTagMappingList": list, "PaginationToken": token }).to_string())
    };
    let server = Server::script(vec![page(&["b", "c"], "next"), page(&["a", "c"], "")]);
    let found = tagging::resources_with_tag(&caller(&server.url), "e", "v").unwrap();
    assert_eq!(found.iter().map(|r| r.arn.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(found[0].tags["e"], "v");
    let bodies: Vec<serde_json::Value> =
        server.requests().iter().map(|r| serde_json::from_str(&r.body).unwrap()).collect();
    assert_eq!(bodies[0]["TagFilters"], json!([{ "Key": "e", "Values": ["v"] }]));
    assert_eq!(
        (&bodies[0]["PaginationToken"], &bodies[1]["PaginationToken"]),
        (&json!(null), &json!("next"))
    );
    let server = Server::script(vec![answer(200, "{}")]);
    let error = tagging::resources_with_tag(&caller(&server.url), "e", "v").unwrap_err();
    assert_eq!(error.cause, Cause::Malformed);
}

#[test]
fn a_database_that_is_where_it_should_be_is_no_error() {
    let stop = |state: &str| {
        let server = Server::start({
            let state = state.to_owned();
            move |r, _| match r.field("Action") {
                Some("StopDBCluster") => xml_error(400, "InvalidDBClusterStateFault", "not available"),
                _ => answer(
                    200,
                    format!(
                        "<R><DescribeDBClustersResult><DBClusters><DBCluster><DBClusterIdentifier>c</DBClusterIdentifier><Status>{state}</Status><AutomaticRestartTime>2030-01-02T03:04:05.678Z</AutomaticRestartTime></DBCluster></DBClusters></DescribeDBClustersResult></R>"
                    ),
                ),
            }
        });
        let caller = caller(&server.url);
        let status = rds::status(&caller, rds::Kind::Cluster, "c").unwrap().unwrap();
        assert_eq!(status.restarts, Some("2030-01-02T03:04:05.678Z".parse().unwrap()));
        rds::stop_cluster(&caller, "c")
    };
    stop("stopping").unwrap();
    stop("stopped").unwrap();
    let error = stop("backing-up").unwrap_err();
    assert_eq!((error.cause, error.code.as_str()), (Cause::Refused, "InvalidDBClusterStateFault"));
}
