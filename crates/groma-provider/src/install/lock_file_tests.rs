use super::*;

const AWS: &str = "registry.terraform.io/hashicorp/aws";

fn lock(version: &str, constraints: &str, hashes: &[&str]) -> ProviderLock {
    ProviderLock::new(
        Version::parse(version).unwrap(),
        Constraints::parse(constraints).unwrap(),
        hashes.iter().map(|hash| PackageHash::parse(hash).unwrap()).collect(),
    )
}

/// As `terraform init` wrote it.
const FILE: &str = r#"# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.

provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.100.0"
  constraints = ">= 5.0.0, ~> 5.0, != 5.50.0"
  hashes = [
    "h1:edXOJWE4ORX8Fm+dpVpICzMZJat4AX0VRCAy/xkcOc0=",
  ]
}
"#;

#[test]
fn reads_and_writes_the_same() {
    let locks = Locks::parse(FILE).unwrap();
    let aws = &locks.providers[&Provider::implied("aws")];
    assert_eq!(aws.version.to_string(), "5.100.0");
    assert_eq!(aws.hashes()[0].as_str(), "h1:edXOJWE4ORX8Fm+dpVpICzMZJat4AX0VRCAy/xkcOc0=");
    assert_eq!(locks.to_string(), FILE);
}

#[test]
fn order_and_parts_that_may_be_absent() {
    let mut locks = Locks::default();
    for (provider, lock) in [
        ("registry.terraform.io/hashicorp/null", lock("3.0.0", "", &["zh:b", "h1:z", "zh:a", "h1:z"])),
        ("example.com/z/z", lock("1.0.0-beta.1", "1.0.0-beta.1", &[])),
        ("registry.terraform.io/a/b", lock("0.1.0", "", &[])),
    ] {
        locks.providers.insert(Provider::parse(provider).unwrap(), lock);
    }
    let text = locks.to_string();
    let expected = r#"# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.

provider "example.com/z/z" {
  version     = "1.0.0-beta.1"
  constraints = "1.0.0-beta.1"
}

provider "registry.terraform.io/a/b" {
  version = "0.1.0"
}

provider "registry.terraform.io/hashicorp/null" {
  version = "3.0.0"
  hashes = [
    "h1:z",
    "zh:a",
    "zh:b",
  ]
}
"#;
    assert_eq!(text, expected);
    assert_eq!(Locks::parse(&text).unwrap(), locks);
}

#[test]
fn edited_by_hand() {
    let text = "\u{feff}/* a\n b */ provider \"registry.terraform.io/hashicorp/aws\" { // c\r\n version=\"1.2.3\" # d\n\
                hashes = [ \"h1:a\\u0041\",\n# e\n\"zh:b\" ]\n}\nmodule \"x\" {}";
    let locks = Locks::parse(text).unwrap();
    assert_eq!(locks.providers[&Provider::implied("aws")], lock("1.2.3", "", &["h1:aA", "zh:b"]));
    assert_eq!(Locks::parse("").unwrap(), Locks::default());
}

#[test]
fn problems_are_named() {
    for (text, summaries) in [
        ("provider \"aws\" { version = \"1.0.0\" }", "Non-normalized provider source address"),
        (&format!("provider \"{AWS}\" {{ version = \"1.0\" }}"), "Invalid provider version number"),
        (&format!("provider \"{AWS}\" {{ version = \"x\" }}"), "Invalid provider version number"),
        (&format!("provider \"{AWS}\" {{ }}"), "Missing required argument"),
        (
            &format!("provider \"{AWS}\" {{\n version = \"1.0.0\"\n hashes = []\n}}"),
            "Invalid provider hash set",
        ),
        (
            &format!("provider \"{AWS}\" {{\n version = \"1.0.0\"\n hashes = [\"x\"]\n foo = \"1\"\n}}"),
            "Invalid provider hash string, Unsupported argument",
        ),
        (
            &format!("provider \"{AWS}\" {{\n version = \"1.0.0\"\n constraints = \"~>5\"\n}}"),
            "Invalid provider version constraints",
        ),
        ("bla {}", "Unsupported block type"),
        ("a = \"b\"", "Unsupported argument"),
        (
            &format!(
                "provider \"{AWS}\" {{\n version = \"1.0.0\"\n}}\nprovider \"{AWS}\" {{\n version = \"1.0.0\"\n}}"
            ),
            "Duplicate provider lock",
        ),
        (&format!("provider \"{AWS}\" {{\n version = \"1.0.0\"\n"), "Invalid lock file syntax"),
        (
            "provider \"terraform.io/builtin/terraform\" { version = \"1.0.0\" }",
            "Invalid provider source address",
        ),
        ("provider \"a/b/c/d\" { version = \"1.0.0\" }", "Invalid provider source address"),
        ("provider \"${x}\" {}", "Invalid lock file syntax"),
        ("provider \"x", "Invalid lock file syntax"),
        ("/* x", "Invalid lock file syntax"),
        ("provider {}", "Invalid provider lock"),
    ] {
        let error = Locks::parse(text).unwrap_err();
        let found: Vec<&str> = error.problems.iter().map(|problem| problem.summary.as_str()).collect();
        assert_eq!(found.join(", "), summaries, "{text}");
    }
}

#[test]
fn files() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(".terraform.lock.hcl");
    assert_eq!(Locks::read(&path).unwrap().unwrap(), Locks::default());
    let locks = Locks::parse(FILE).unwrap();
    locks.write(&path).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), FILE);
    assert_eq!(Locks::read(&path).unwrap().unwrap(), locks);
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o644);
    assert!(Locks::read(directory.path()).is_err());
}
