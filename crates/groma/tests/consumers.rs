//! Programs that other people wrote for Terraform's plans read Groma's, and come to the same.

use groma_testkit::{Output, Workdir, consumers, mirror, oracle, repository, skip};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Plans the fixture with both programs; `theirs.json` and `ours.json` in the first's folder.
fn plans() -> Option<(Workdir, PathBuf)> {
    let Some(venv) = consumers() else {
        skip("no environment with programs that read plans (cargo xtask setup)");
        return None;
    };
    if oracle().is_none() || mirror().is_none() {
        skip("no oracle, or no mirror of the AWS provider");
        return None;
    }
    let mut dir = Workdir::with_fixture("consumers");
    dir.timeout(Duration::from_secs(600));
    let groma = Path::new(env!("CARGO_BIN_EXE_groma"));
    for (program, name) in [(&*oracle().expect("asked for above"), "theirs"), (groma, "ours")] {
        dir.run(program, ["init", "-no-color"]).expect_success();
        dir.run(program, ["plan", "-no-color", "-out=saved"]).expect_success();
        let json = dir.run(program, ["show", "-json", "saved"]).expect_success();
        dir.write(format!("{name}.json"), json.stdout);
    }
    Some((dir, venv))
}

/// What a run of terraform-compliance found, without what differs from run to run.
fn found(out: &Output) -> Vec<String> {
    let lines = out.stdout.lines().map(str::trim);
    lines
        .filter(|l| !l.is_empty() && !l.starts_with("> Plan File") && !l.starts_with("Run "))
        .map(str::to_owned)
        .collect()
}

/// What checkov found of both plans in one run: check, resource, outcome, what it looked at.
fn checks(dir: &Workdir, venv: &Path) -> [Vec<[String; 4]>; 2] {
    let mut checkov = vec!["-f", "theirs.json", "-f", "ours.json", "--framework", "terraform_plan"];
    // Nothing is fetched: its own rules are in the package.
    checkov.extend(["--output", "json", "--skip-download"]);
    let report = dir.run(venv.join("bin/checkov"), checkov).expect_status(1).json();
    assert_eq!(report["summary"]["parsing_errors"], 0, "{report}");
    let all = ["failed_checks", "passed_checks"].map(|set| {
        report["results"][set].as_array().unwrap_or_else(|| panic!("{set} is not in {report}")).as_slice()
    });
    ["/theirs.json", "/ours.json"].map(|file| {
        let of_file = all.concat().into_iter().filter(|check| check["file_path"] == file);
        let mut found: Vec<_> = of_file
            .map(|check| {
                let result = &check["check_result"];
                let told =
                    [&check["check_id"], &check["resource"], &result["result"], &result["evaluated_keys"]];
                told.map(Value::to_string)
            })
            .collect();
        found.sort();
        found
    })
}

#[test]
fn policies_come_to_the_same() {
    let Some((dir, venv)) = plans() else { return };

    let [theirs, ours] = checks(&dir, &venv);
    assert_eq!(ours, theirs);
    let told = |resource: &str, check: &str, outcome: &str| {
        let quoted = [check, resource, outcome].map(|text| Value::from(text).to_string());
        assert!(theirs.iter().any(|c| c[..3] == quoted), "{quoted:?} is not in {theirs:?}");
    };
    // A rule of one resource, of its neighbours, and of a module's instance.
    told("aws_db_instance.main", "CKV_AWS_16", "FAILED");
    told("aws_s3_bucket.data[1]", "CKV2_AWS_6", "FAILED");
    told("module.role[\"app\"].aws_iam_policy.this", "CKV_AWS_62", "PASSED");

    let nag = |plan: &str| {
        let args = ["scan", "--format", "json", "--plan-json", plan];
        dir.run(venv.join("bin/tf-nag"), args).expect_status(1).json()
    };
    let (theirs, ours) = (nag("theirs.json"), nag("ours.json"));
    assert_eq!(ours, theirs);
    assert!(theirs.to_string().contains("AwsSolutions-EC23"), "{theirs}");

    let compliance = |plan: &str| {
        let args = ["-f", "rules", "-p", plan, "--no-ansi"];
        found(&dir.run(venv.join("bin/terraform-compliance"), args).expect_status(1))
    };
    let (theirs, ours) = (compliance("theirs.json"), compliance("ours.json"));
    assert_eq!(ours, theirs);
    let text = theirs.join("\n");
    // Rules of each outcome were looked at.
    assert!(text.contains("aws_s3_bucket.data[1] (aws_s3_bucket) does not have Owner property."), "{text}");
    assert!(text.contains("6 scenarios (2 passed, 3 failed, 1 skipped)"), "{text}");

    let script = dir.write("rego.py", include_str!("consumers/rego.py"));
    let rules = repository().join("tests/fixtures/consumers/rules/company.rego");
    let rego = |plan: &str| -> Value {
        let args = [script.as_os_str(), rules.as_os_str(), plan.as_ref()];
        dir.run(venv.join("bin/python"), args).expect_success().json()
    };
    let (theirs, ours) = (rego("theirs.json"), rego("ours.json"));
    assert_eq!(ours, theirs);
    let told = |set: &str| theirs[set].as_array().unwrap_or_else(|| panic!("{theirs}")).len();
    assert_eq!(told("deny"), 3, "{theirs}");
    assert_eq!(told("children"), 3, "{theirs}");
    assert!(told("unknown") > 5 && told("references") > 0, "{theirs}");
}
