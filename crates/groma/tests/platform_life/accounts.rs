//! Whose account it is.

use super::help::*;
use std::io::{Read, Write};
use std::net::TcpListener;

#[test]
fn profiles_and_roles_are_in_the_providers() {
    let dir = shop();
    let text = dir.read("groma.hcl").replace(
        r#"accounts = { main = "123456789012" }"#,
        r#"accounts = {
    main  = { id = "123456789012", profile = "shop-main" }
    tests = { id = "210987654321", role = "arn:aws:iam::210987654321:role/groma" }
  }"#,
    );
    dir.write("groma.hcl", text.replace("environment \"prod\" {}", "environment \"prod\" {}\nenvironment \"qa\" {\n  like    = environment.prod\n  account = \"tests\"\n}"));
    groma(&dir, &["diff", "prod"]).expect_success();
    groma(&dir, &["diff", "qa"]).expect_success();
    let main = dir.read(".groma/sandbox/roots/prod/main.tf");
    assert!(
        main.contains("\"123456789012\"") && main.contains("\"shop-main\"") && !main.contains("assume_role"),
        "{main}"
    );
    let qa = dir.read(".groma/sandbox/roots/qa/main.tf");
    assert!(
        qa.contains("\"210987654321\"") && qa.contains("role_arn = \"arn:aws:iam::210987654321:role/groma\""),
        "{qa}"
    );
    assert!(qa.contains("allowed_account_ids = [\"210987654321\"]") && !qa.contains("shop-main"), "{qa}");
    up(&dir, &["qa"]);
    let queue = &of(&dir, "aws_sqs_queue")[0];
    assert_eq!(queue.account, "210987654321");
}

/// An STS that says that everybody belongs to one account.
fn sts(account: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut request = vec![0; 16_384];
            let _ = stream.read(&mut request);
            let body = format!(
                "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>arn:aws:iam::{account}:user/ada</Arn><UserId>AIDA</UserId><Account>{account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
            );
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n";
            let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    address
}

#[test]
fn a_wrong_account_is_refused_before_anything_is_planned() {
    let mut dir = shop();
    dir.aws(&sts("999999999999"));
    for args in [&["up", "-no-color", "-auto-approve", "prod"][..], &["diff", "-no-color", "prod"]] {
        let out = dir.run(GROMA, args).expect_status(1);
        assert!(out.stderr.contains("999999999999") && out.stderr.contains("123456789012"), "{out}");
        assert!(out.stderr.contains("groma.hcl line"), "{out}");
        assert!(!dir.exists(".groma/providers") && !dir.exists(".groma/roots/prod"), "{out}");
    }
    let out = dir.run(GROMA, ["status"]).expect_success().stdout;
    assert!(out.starts_with("Nothing is up."), "{out}");
}
