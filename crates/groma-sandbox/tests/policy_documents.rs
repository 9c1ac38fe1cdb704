//! Policy documents are those of the real provider, to the byte.

mod real;

use groma_provider::Provider;
use groma_sandbox::{Sandbox, Settings};
use groma_value::{Type, Value};
use serde_json::{Value as Json, json};

async fn read(provider: &dyn Provider, config: &Json) -> Result<(String, String), String> {
    let block = &provider.schemas().data_source("aws_iam_policy_document").expect("a schema").block;
    let value = real::value(block, config);
    let meta = Value::Null(Type::object::<&str>([]));
    let (value, diags) =
        provider.read_data_source("aws_iam_policy_document", &value, &meta).await.expect("an answer");
    if diags.iter().any(|d| d.error) {
        return Err(diags.iter().map(|d| format!("{} {}", d.summary, d.detail)).collect());
    }
    let value = value.expect("a value");
    let text = |n: &str| value.get_attr(n).and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
    Ok((text("json"), format!("{} {}", text("minified_json"), text("id"))))
}

fn cases() -> Vec<Json> {
    let trust = json!({ "statement": [{ "actions": ["sts:AssumeRole"], "principals": [{ "type": "Service", "identifiers": ["ec2.amazonaws.com"] }] }] });
    vec![
        json!({}),
        trust.clone(),
        json!({ "statement": [{ "actions": ["s3:*"], "resources": ["*"] }], "version": "2008-10-17", "policy_id": "x" }),
        json!({ "statement": [
            { "sid": "One", "effect": "Deny", "not_actions": ["b:c", "a:b"], "not_resources": ["arn:b", "arn:a", "arn:c"] },
            { "sid": "Two", "actions": ["a:b"], "resources": ["arn:aws:s3:::x/&{aws:username}/*"],
              "principals": [{ "type": "*", "identifiers": ["*"] }] },
            { "actions": ["a<b>&c"], "resources": ["*"],
              "not_principals": [{ "type": "AWS", "identifiers": ["arn:2", "arn:1"] }] },
        ] }),
        json!({ "statement": [{ "actions": ["a:b"], "resources": ["*"],
            "principals": [
                { "type": "Service", "identifiers": ["b.amazonaws.com", "a.amazonaws.com"] },
                { "type": "AWS", "identifiers": ["*"] },
                { "type": "AWS", "identifiers": ["arn:aws:iam::1:root"] } ],
            "condition": [
                { "test": "StringEquals", "variable": "aws:x", "values": ["b", "a", "c"] },
                { "test": "StringEquals", "variable": "aws:w", "values": ["one"] },
                { "test": "ArnLike", "variable": "aws:SourceArn", "values": ["&{x}"] },
                { "test": "StringEquals", "variable": "aws:x", "values": ["d"] } ] }] }),
        json!({ "statement": [{ "sid": "A", "actions": ["own:x"], "resources": ["*"] }],
            "source_policy_documents": [
                "{\"Version\":\"2012-10-17\",\"Id\":\"src\",\"Statement\":[{\"Sid\":\"A\",\"Effect\":\"Allow\",\"Action\":[\"z:a\",\"a:z\"],\"Resource\":\"*\"},{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":[\"b\",\"a\"],\"Principal\":{\"AWS\":[\"a\",\"b\"]},\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"},\"StringLike\":{\"x\":[\"b\",\"a\"]}}}]}",
                "{\"Version\":\"2012-10-17\",\"Statement\":{\"Sid\":\"B\",\"Effect\":\"Allow\",\"Action\":\"x\",\"Resource\":\"*\",\"Principal\":\"*\"}}" ],
            "override_policy_documents": [
                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"B\",\"Effect\":\"Deny\",\"Action\":\"over\",\"Resource\":\"*\"},{\"Sid\":\"New\",\"Effect\":\"Allow\",\"Action\":[\"one\"],\"Resource\":[\"*\"]}]}" ] }),
        json!({ "statement": [{ "sid": "A", "actions": ["x"] }, { "sid": "A", "actions": ["y"] }] }),
        json!({ "source_policy_documents": ["{\"Statement\":[{\"Sid\":\"A\",\"Action\":\"x\"}]}", "{\"Statement\":[{\"Sid\":\"A\",\"Action\":\"y\"}]}"] }),
        json!({ "source_policy_documents": ["not JSON"] }),
        json!({ "source_policy_documents": [""] }),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bytes_are_the_same() {
    let Some((_pool, provider)) = real::provider(json!({})).await else {
        return groma_testkit::skip("no mirror with the AWS provider");
    };
    let sandbox = Sandbox::open(Settings::default()).expect("a sandbox").provider().instance();
    let mut wrong = Vec::new();
    for case in cases() {
        let (a, b) = (read(&*provider, &case).await, read(&*sandbox, &case).await);
        let same = match (&a, &b) {
            // Errors need not be in the same words.
            (Err(_), Err(_)) => true,
            _ => a == b,
        };
        if !same {
            wrong.push(format!("{case}\n  real    {a:?}\n  sandbox {b:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
