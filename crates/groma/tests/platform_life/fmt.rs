//! `groma fmt` of manifests.

use super::help::GROMA;
use groma_testkit::Workdir;

#[test]
fn manifests_are_formatted() {
    const LOOSE: &str =
        "platform \"x\" {\nregion=\"eu-west-1\"\n  accounts = { main = \"123456789012\"}\n}\n";
    const NEAT: &str =
        "platform \"x\" {\n  region   = \"eu-west-1\"\n  accounts = { main = \"123456789012\" }\n}\n";
    let dir = Workdir::new();
    for file in ["groma.hcl", "shop/groma.hcl", "shop/staging.groma.hcl"] {
        dir.write(file, LOOSE);
    }
    dir.write("shop/other.hcl", LOOSE);
    let lines = |out: &str| {
        let mut all: Vec<String> = out.lines().map(str::to_owned).collect();
        all.sort();
        all
    };

    let out = dir.run(GROMA, ["fmt", "-check"]).expect_status(3);
    assert_eq!(out.stdout, "groma.hcl\n");
    let out = dir.run(GROMA, ["fmt", "-check", "-recursive"]).expect_status(3);
    assert_eq!(lines(&out.stdout), ["groma.hcl", "shop/groma.hcl", "shop/staging.groma.hcl"]);
    let out = dir.run(GROMA, ["fmt", "-diff", "-write=false"]).expect_success().stdout;
    assert!(
        out.contains("-region=\"eu-west-1\"\n") && out.contains("+  region   = \"eu-west-1\"\n"),
        "{out}"
    );
    assert_eq!(dir.read("groma.hcl"), LOOSE);
    dir.run(GROMA, ["fmt", "-recursive"]).expect_success();
    for file in ["groma.hcl", "shop/groma.hcl", "shop/staging.groma.hcl"] {
        assert_eq!(dir.read(file), NEAT, "{file}");
    }
    assert_eq!(dir.read("shop/other.hcl"), LOOSE);
    assert_eq!(dir.run(GROMA, ["fmt", "-check", "-recursive"]).expect_success().stdout, "");
    // What does not parse is left as it is.
    dir.write("groma.hcl", "platform \"x\" {");
    let out = dir.run(GROMA, ["fmt"]).expect_status(2);
    assert!(out.stderr.contains("groma.hcl line 1"), "{out}");
    assert_eq!(dir.read("groma.hcl"), "platform \"x\" {");
}
