//! What `protect` keeps, what is said of data that goes, and environments that the manifest
//! has somewhere else than they are.

use super::help::*;
use groma_testkit::Workdir;

/// The small manifest with a protected production and a bucket.
fn guarded() -> Workdir {
    let dir = shop();
    edit(&dir, "environment \"prod\" {}", "environment \"prod\" {\n  protect = true\n}");
    edit(&dir, "queue \"jobs\" {}", "queue \"jobs\" {}\nbucket \"files\" {}");
    dir
}

fn edit(dir: &Workdir, from: &str, to: &str) {
    let text = dir.read("groma.hcl");
    assert!(text.contains(from), "{from}");
    dir.write("groma.hcl", text.replace(from, to));
}

/// Renames the database, or back.
fn rename(dir: &Workdir, from: &str, to: &str) {
    edit(dir, &format!("database \"{from}\""), &format!("database \"{to}\""));
    edit(dir, &format!("database.{from}."), &format!("database.{to}."));
}

#[test]
fn a_protected_environment_keeps_its_data() {
    let dir = guarded();
    up(&dir, &["prod"]);
    let before = tagged(&dir);
    rename(&dir, "main", "db");
    edit(&dir, "bucket \"files\" {}", "");
    for command in ["diff", "up"] {
        let args: &[&str] =
            if command == "up" { &["up", "-auto-approve", "prod"] } else { &["diff", "prod"] };
        let out = groma(&dir, args).expect_status(1).stderr;
        for part in [
            "bucket.files, database.main of prod are protected",
            "groma.hcl line 12",
            "protect = true",
            "- database.main is destroyed with its data",
            "set protect = false",
        ] {
            assert!(out.contains(part), "{command}: {part}: {out}");
        }
    }
    assert_eq!(tagged(&dir), before, "nothing was done");
    assert_eq!(record(&dir)["environments"]["prod"]["complete"], true);

    // A load balancer has a deletion protection of its own.
    rename(&dir, "db", "main");
    edit(&dir, "queue \"jobs\" {}", "queue \"jobs\" {}\nbucket \"files\" {}");
    let text = dir.read("groma.hcl");
    edit(&dir, "  host   = \"shop.example.com\"\n  health = \"/healthz\"\n", "");
    let out = groma(&dir, &["up", "-auto-approve", "prod"]).expect_status(1).stderr;
    assert!(out.contains("load balancer of prod is protected"), "{out}");
    dir.write("groma.hcl", &text);
    settled(&dir, &["prod"]);

    // What is really to go, goes: at once, with a plan that says so.
    rename(&dir, "main", "db");
    edit(&dir, "bucket \"files\" {}", "");
    edit(&dir, "protect = true", "protect = false");
    let out = up(&dir, &["prod"]);
    assert!(
        out.contains("Data that is lost:\n  bucket.files is destroyed with its data\n  database.main is destroyed with its data\n"),
        "{out}"
    );
    settled(&dir, &["prod"]);
    let names: Vec<String> = of(&dir, "aws_db_instance").iter().map(text_of).collect();
    assert_eq!(names, ["shop-prod-db"]);
}

fn text_of(o: &groma_sandbox::Object) -> String {
    text(o, "identifier")
}

#[test]
fn a_change_that_failed_half_way_is_taken_back() {
    let dir = guarded();
    up(&dir, &["prod"]);
    // It makes a database, and fails after that.
    let text = dir.read("groma.hcl");
    let with = "\ndatabase \"more\" {\n  engine = \"postgres-16\"\n  size   = \"db.t4g.medium\"\n}\n";
    dir.write("groma.hcl", format!("{text}{with}").replace("uses   = [", "uses   = [database.more.read, "));
    let faults = "aws_iam_role_policy.update=error:AccessDenied";
    let out = faulty(&dir, faults, &["up", "-auto-approve", "prod"]);
    out.expect_status(1);
    assert_eq!(of(&dir, "aws_db_instance").len(), 2);

    dir.write("groma.hcl", &text);
    let out = up(&dir, &["prod"]);
    assert!(out.contains("database.more is destroyed with its data"), "{out}");
    settled(&dir, &["prod"]);
    assert_eq!(of(&dir, "aws_db_instance").len(), 1);
    assert!(record(&dir)["environments"]["prod"].get("fresh").is_none());

    // protect = false suffices for down.
    let out = groma(&dir, &["down", "-auto-approve", "prod"]).expect_status(1).stderr;
    assert!(out.contains("prod is protected"), "{out}");
    edit(&dir, "protect = true", "protect = false");
    down(&dir, &["prod"]);
    assert!(tagged(&dir).is_empty());
}

#[test]
fn what_is_up_stays_where_it_is() {
    let dir = shop();
    edit(&dir, "network \"shared\" {}", "network \"shared\" {\n  cidr = \"10.9.0.0/16\"\n}");
    up(&dir, &["staging"]);
    let before = (tagged(&dir), dir.read("groma.hcl"));
    for (from, to, line, what) in [
        ("\"eu-west-1\"", "\"eu-central-1\"", 5, "another region"),
        ("123456789012", "222222222222", 6, "another account"),
        ("platform \"shop\"", "platform \"store\"", 4, "another name of the platform"),
        ("10.9.0.0/16", "10.8.0.0/16", 9, "another cidr"),
    ] {
        edit(&dir, from, to);
        let commands: [&[&str]; 3] = [
            &["diff", "staging"],
            &["up", "-auto-approve", "staging"],
            &["down", "-auto-approve", "staging"],
        ];
        for args in commands {
            let out = groma(&dir, args).expect_status(1).stderr;
            let bare = |s: &str| s.replace("platform ", "").replace('"', "");
            for part in [
                what,
                &format!("groma.hcl line {line}"),
                &bare(from),
                &bare(to),
                "groma down -sandbox staging",
            ] {
                assert!(out.contains(part), "{args:?}: {part}: {out}");
            }
        }
        dir.write("groma.hcl", &before.1);
    }
    settled(&dir, &["staging"]);
    assert_eq!(tagged(&dir), before.0);
}
