//! Locks that a dead run left behind, where they do not end with it: in S3.

use super::help::*;
use groma_testkit::{Moto, skip};
use std::io::{Read, Write};
use std::net::TcpStream;

/// One request; the status of the answer.
fn send(port: u16, method: &str, path: &str, body: &str) -> u16 {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    let head = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n");
    let auth = "Authorization: AWS4-HMAC-SHA256 Credential=test/20250101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\n";
    write!(stream, "{head}{auth}Content-Length: {}\r\n\r\n{body}", body.len()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status")
}

#[test]
fn a_lock_that_was_left_behind_is_removed_by_the_command_that_is_named() {
    let Some(server) = Moto::start() else { return skip("needs moto") };
    let mut dir = shop();
    dir.aws(&server.endpoint());
    let text = dir.read("groma.hcl");
    dir.write(
        "groma.hcl",
        text.replace("accounts = {", "state    = \"s3://shop-states/groma\"\n  accounts = {"),
    );
    assert_eq!(send(server.port(), "PUT", "/shop-states", ""), 200);
    for root in ["prod", "network-shared"] {
        let id = format!("0b1c-{root}");
        let lock = format!(
            "{{\"ID\":\"{id}\",\"Operation\":\"OperationTypeApply\",\"Info\":\"groma up prod\",\"Who\":\"grace@host\",\"Version\":\"1.11.4\",\"Created\":\"2025-01-31T12:00:00Z\",\"Path\":\"\"}}"
        );
        let path = format!("/shop-states/groma/{root}.tfstate.tflock");
        assert_eq!(send(server.port(), "PUT", &path, &lock), 200);
        let name = if root == "prod" { "prod" } else { "staging" };
        let out =
            dir.run(GROMA, ["up", "-no-color", "-auto-approve", "-lock-timeout=1s", name]).expect_status(1);
        assert!(out.stderr.contains("is being changed by somebody else"), "{out}");
        assert!(out.stderr.contains("grace@host has held its lock for"), "{out}");
        assert!(out.stderr.contains(&format!("groma force-unlock {id}")), "{out}");
        let out = dir.run(GROMA, ["force-unlock", "-no-color", "-force", "other"]).expect_status(1);
        assert!(out.stderr.contains("No such lock"), "{out}");
        let out = dir.run(GROMA, ["force-unlock", "-no-color", "-force", &id]).expect_success().stdout;
        assert!(out.contains(&format!("The state of {root} has been unlocked.")), "{out}");
        assert_eq!(send(server.port(), "GET", &path, ""), 404);
    }
    let out = dir.run(GROMA, ["status"]).expect_success().stdout;
    assert!(out.starts_with("Nothing is up."), "{out}");
}

#[test]
fn local_locks_end_by_themselves() {
    let dir = shop();
    let out = dir.run(GROMA, ["force-unlock", "-force", "0b1c"]).expect_success().stdout;
    assert!(out.contains("end by themselves"), "{out}");
}
