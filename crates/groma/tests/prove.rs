//! `groma prove` and `groma reach`: what is printed, and exit codes. About a minute and a
//! half on two cores, most of it for the examples.

mod prove {
    mod moments;
    mod properties;
}

use groma_testkit::{Output, Workdir};
use std::path::Path;
use std::time::Duration;

const GROMA: &str = env!("CARGO_BIN_EXE_groma");

const PROOF: &str = r#"prove "tiers" {
  never     = ["internet -> aws_security_group.data", "aws_instance.data -> aws_instance.web"]
  always    = ["internet -> aws_instance.web:443/tcp", "aws_instance.web -> aws_instance.data:5432/tcp"]
  no_egress = ["aws_instance.data"]
  exactly   = true
  steps     = true
}
"#;

fn web() -> Workdir {
    let mut dir = Workdir::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prove");
    dir.write("main.tf", std::fs::read(source.join("web.tf")).unwrap());
    dir.write("web.prove.hcl", PROOF);
    dir.timeout(Duration::from_secs(120));
    dir
}

fn groma(dir: &Workdir, args: &[&str]) -> Output {
    let mut all: Vec<&str> = vec![args[0], "-no-color", "-sandbox"];
    all.extend(&args[1..]);
    dir.run(GROMA, all)
}

/// Errors without the line breaks of the terminal's width.
fn flat(out: Output) -> String {
    out.stderr.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_holds_is_proved() {
    let dir = web();
    let out = groma(&dir, &["prove"]).expect_status(0).stdout;
    assert_eq!(out.lines().filter(|l| l.starts_with("proved")).count(), 7, "{out}");
    assert!(
        out.contains("proved      never internet -> aws_security_group.data  (web.prove.hcl:2)"),
        "{out}"
    );
    assert!(out.ends_with("7 properties: 7 proved.\n"), "{out}");
}

#[test]
fn one_rule_more_is_found_and_shown_with_its_line() {
    let dir = web();
    let rule = r#"
resource "aws_vpc_security_group_ingress_rule" "oops" {
  security_group_id = aws_security_group.web.id
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = "0.0.0.0/0"
}
"#;
    dir.write("oops.tf", rule);
    let out = groma(&dir, &["prove", "-svg=way.svg"]).expect_status(2).stdout;
    assert!(out.contains("refuted     exactly: nothing but what always says"), "{out}");
    assert!(out.contains("the internet -> aws_instance.web: tcp 22 over IPv4"), "{out}");
    assert!(out.contains("(oops.tf:2)"), "the rule's place: {out}");
    assert!(out.contains("the answer:"), "{out}");
    let svg = dir.read("way.svg");
    assert!(svg.starts_with("<svg") && svg.contains("oops.tf:2"), "{svg}");

    let json = groma(&dir, &["prove", "-json"]).expect_status(2).json();
    let refuted = json["properties"].as_array().unwrap().iter().find(|p| p["verdict"] == "refuted").unwrap();
    let path = &refuted["cases"][0]["path"][0];
    assert_eq!(path["packet"]["port"], 22);
    let lines: Vec<_> = path["forward"].as_array().unwrap().iter().map(|h| &h["item"]["file"]).collect();
    assert!(lines.iter().any(|f| *f == "oops.tf"), "{path}");
    // A gate: nothing is applied, and nothing is asked.
    let out = groma(&dir, &["apply", "-prove"]).expect_status(1);
    assert!(out.stderr.contains("Proof failed"), "{}{}", out.stdout, out.stderr);
    groma(&dir, &["plan", "-prove"]).expect_status(1);
    assert_eq!(groma(&dir, &["state", "list"]).stdout, "");
}

#[test]
fn a_range_that_is_not_known_yet_is_open() {
    let dir = web();
    let rule = r#"
resource "aws_vpc_security_group_ingress_rule" "unknown" {
  security_group_id = aws_security_group.data.id
  ip_protocol       = "tcp"
  from_port         = 5432
  to_port           = 5432
  cidr_ipv4         = "${aws_eip.office.public_ip}/32"
}
resource "aws_eip" "office" { domain = "vpc" }
resource "aws_route_table_association" "data" {
  subnet_id      = aws_subnet.main["b"].id
  route_table_id = aws_route_table.public.id
}
"#;
    let text = dir.read("main.tf").replace(
        "vpc_security_group_ids = [aws_security_group.data.id]",
        "vpc_security_group_ids = [aws_security_group.data.id]\n  associate_public_ip_address = true",
    );
    dir.write("main.tf", text);
    dir.write("unknown.tf", rule);
    let out = groma(&dir, &["prove"]).expect_status(3).stdout;
    assert!(out.contains("not proved  never internet -> aws_security_group.data"), "{out}");
    assert!(out.contains("this depends on:") && out.contains("unknown.tf:2"), "{out}");
}

#[test]
fn what_is_not_there_is_never_reached_and_does_not_reach() {
    let dir = web();
    let block = "prove \"p\" {\n  never = [\"vpn -> aws_instance.web\"]\n  always = [\"vpn -> aws_instance.web\"]\n}\n";
    dir.write("web.prove.hcl", block);
    let out = groma(&dir, &["prove"]).expect_status(2).stdout;
    assert!(out.contains("proved      never vpn -> aws_instance.web"), "{out}");
    assert!(out.contains("refuted     always vpn -> aws_instance.web"), "{out}");
    assert!(out.contains("there is nothing at one of its ends"), "{out}");
}

#[test]
fn a_range_is_only_a_part_of_what_leaves_it() {
    let dir = web();
    let always = |end: &str| format!("prove \"p\" {{\n  always = [\"internet -> {end}:443/tcp\"]\n}}\n");
    // The whole VPC is what the instances are in; of one address nobody knows.
    dir.write("web.prove.hcl", always("10.0.0.0/8"));
    groma(&dir, &["prove"]).expect_status(0);
    let subnet = dir.read("main.tf");
    let at = subnet.find("10.").expect("a range");
    let first: String = subnet[at..].chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    dir.write("web.prove.hcl", always(&format!("{first}/30")));
    let out = groma(&dir, &["prove"]).expect_status(3).stdout;
    assert!(out.contains("not proved  always internet"), "{out}");
}

#[test]
fn who_may_have_a_group_may_be_meant_by_it() {
    let dir = web();
    // Which of the two groups the web instance has is known after the data instance is there.
    let text = dir.read("main.tf").replace(
        "vpc_security_group_ids      = [aws_security_group.web.id]",
        "vpc_security_group_ids = [substr(aws_instance.data.private_ip, 0, 5) == \"10.0.\" ? aws_security_group.web.id : aws_security_group.data.id]",
    );
    assert!(text.contains("substr"), "{text}");
    dir.write("main.tf", text);
    let block = "prove \"p\" {\n  never = [\"internet -> aws_security_group.data\"]\n}\n";
    dir.write("web.prove.hcl", block);
    let out = groma(&dir, &["prove"]).expect_status(3).stdout;
    assert!(out.contains("not proved  never internet -> aws_security_group.data"), "{out}");
}

#[test]
fn ends_that_are_nothing_are_mistakes() {
    let dir = web();
    dir.write("web.prove.hcl", "prove \"p\" {\n  never = [\"internet -> aws_instance.dat\"]\n}\n");
    let out = flat(groma(&dir, &["prove"]).expect_status(1));
    assert!(out.contains("Did you mean aws_instance.data?") && out.contains("web.prove.hcl line 2"), "{out}");
    dir.write("web.prove.hcl", "prove \"p\" {\n  newer = [\"internet -> aws_instance.data\"]\n}\n");
    let out = flat(groma(&dir, &["prove"]).expect_status(1));
    assert!(out.contains("Did you mean never?"), "{out}");
    dir.write("web.prove.hcl", "prove \"p\" {\n  never = [\"internet => aws_instance.data\"]\n}\n");
    let out = flat(groma(&dir, &["prove"]).expect_status(1));
    assert!(out.contains("FROM -> TO"), "{out}");
    dir.remove("web.prove.hcl");
    let out = flat(groma(&dir, &["prove"]).expect_status(1));
    assert!(out.contains("There is no prove block") && out.contains("groma reach -from=internet"), "{out}");
}

#[test]
fn ways_are_explained_hop_by_hop_and_so_is_what_is_in_the_way() {
    let dir = web();
    let out = groma(&dir, &["reach", "internet", "aws_instance.web"]).expect_status(0).stdout;
    assert!(out.starts_with("reached: the internet -> aws_instance.web: tcp 443 over IPv4\n"), "{out}");
    for part in
        ["aws_security_group.web  (main.tf:24)", "aws_route_table.public  (main.tf:12)", "the answer:"]
    {
        assert!(out.contains(part), "{part}: {out}");
    }
    let out = groma(&dir, &["reach", "-port=5432", "internet", "aws_instance.data"]).expect_status(2).stdout;
    assert!(out.starts_with("not reached: internet -> aws_instance.data\n"), "{out}");
    // All that is in the way, not only the first.
    assert!(out.contains("aws_security_group.data  (main.tf:39)"), "{out}");
    assert!(out.contains("public"), "no public address: {out}");

    let out = groma(&dir, &["reach", "-from=internet"]).expect_status(0).stdout;
    assert_eq!(out, "the internet -> aws_instance.web  (IPv4)\n    tcp 443\n");
    let out = groma(&dir, &["reach", "-to=aws_instance.data"]).expect_status(0).stdout;
    assert_eq!(out, "aws_instance.web -> aws_instance.data  (IPv4)\n    tcp 5432\n");
}

#[test]
fn plans_and_states_say_the_same() {
    let dir = web();
    groma(&dir, &["plan", "-out=p"]).expect_success();
    let saved = groma(&dir, &["prove", "p"]).expect_status(0).stdout;
    assert!(saved.ends_with("7 properties: 7 proved.\n"), "{saved}");
    groma(&dir, &["apply", "-auto-approve"]).expect_success();
    let out = groma(&dir, &["prove", "-state=.terraform/sandbox/terraform.tfstate"]).stdout;
    assert!(out.contains("proved      never internet -> aws_security_group.data"), "{out}");
    // What exists and stays counts as it is.
    let out = groma(&dir, &["prove"]).expect_status(0).stdout;
    assert!(out.ends_with("7 properties: 7 proved.\n"), "{out}");
    dir.write("broken", b"PK\x03\x04 something else");
    let out = groma(&dir, &["prove", "broken"]).expect_status(1).stderr;
    assert!(out.contains("terraform show -json"), "{out}");
}

/// What the examples' manifests say of themselves.
fn example(name: &str, properties: usize) -> Workdir {
    let mut dir = Workdir::new();
    dir.copy_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name));
    dir.timeout(Duration::from_secs(300));
    let out = groma(&dir, &["prove"]);
    assert_eq!(out.status, Some(0), "{}{}", out.stdout, out.stderr);
    let end = format!("{properties} properties: {properties} proved.\n");
    assert!(out.stdout.ends_with(&end), "{}", out.stdout);
    // Nothing is left out of what is declared, and all environments are there.
    for line in [
        "proved      exactly: nothing but what is declared  (groma.hcl:",
        "proved      exactly: everything that is declared  (groma.hcl:",
    ] {
        assert!(out.stdout.contains(line), "{}", out.stdout);
    }
    assert!(!out.stdout.contains("not asked"), "{}", out.stdout);
    assert!(!out.stdout.contains("taken as open"), "{}", out.stdout);
    dir
}

/// An example with a module of somebody's own in it, and what is then proved of an environment.
fn changed(dir: &Workdir, environment: &str, inputs: &str, module: &str) -> Output {
    let text = dir.read("groma.hcl");
    let block = format!("{text}\nmodule \"own\" {{\n  source = \"./own\"\n  inputs = {{ {inputs} }}\n}}\n");
    dir.write("groma.hcl", block);
    let names = inputs.split(',').filter_map(|i| Some(i.split_once('=')?.0.trim()));
    let variables: String =
        names.map(|n| format!("variable \"{n}\" {{\n  description = \"Given.\"\n}}\n")).collect();
    dir.write("own/variables.tf", variables);
    dir.write("own/main.tf", module);
    let out = groma(dir, &["prove", environment]);
    dir.write("groma.hcl", text);
    out
}

/// The number of the line of a file in which something stands first.
fn line_of(text: &str, what: &str) -> usize {
    text.lines().position(|l| l.contains(what)).expect("the line") + 1
}

/// One pair of rules more than a manifest declares.
const BACK_DOOR: &str = r#"# The miner has business with the database, says somebody.
resource "aws_vpc_security_group_egress_rule" "out" {
  security_group_id            = var.miner
  referenced_security_group_id = var.ledger
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

resource "aws_vpc_security_group_ingress_rule" "in" {
  security_group_id            = var.ledger
  referenced_security_group_id = var.miner
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}
"#;

/// Members of one group among themselves.
const AMONG: &str = r#"resource "aws_vpc_security_group_egress_rule" "out" {
  security_group_id            = var.web
  referenced_security_group_id = var.web
  ip_protocol                  = "-1"
}

resource "aws_vpc_security_group_ingress_rule" "in" {
  security_group_id            = var.web
  referenced_security_group_id = var.web
  ip_protocol                  = "-1"
}
"#;

/// What is declared no longer passes.
const CLOSED: &str = r#"resource "aws_vpc_block_public_access_options" "this" {
  internet_gateway_block_mode = "block-bidirectional"
}
"#;

/// Nobody knows whether it still does: each subnet has one ACL.
const TWICE: &str = r#"resource "aws_network_acl" "closed" {
  vpc_id     = var.vpc
  subnet_ids = var.subnets
}
"#;

#[test]
fn rules_more_and_fewer_than_a_manifest_declares_are_found() {
    let dir = example("blockchain", 5);
    let inputs = "miner = service.miner.security_group_id, ledger = database.ledger.security_group_id";
    let out = changed(&dir, "standby", inputs, BACK_DOOR).expect_status(2).stdout;
    assert!(out.contains("refuted     exactly: nothing but what is declared"), "{out}");
    assert!(out.contains("proved      exactly: everything that is declared"), "{out}");
    let (from, to) = ("standby.service.miner (", ") -> standby.database.ledger (");
    assert!(out.contains(from) && out.contains(to) && out.contains("): tcp 3306 over IPv4"), "{out}");
    for rule in ["egress_rule\" \"out", "ingress_rule\" \"in"] {
        let place = format!("main.tf:{})", line_of(BACK_DOOR, rule));
        assert!(out.contains(&place), "{place}: {out}");
    }

    let out = changed(&dir, "standby", "web = service.web.security_group_id", AMONG).expect_status(2).stdout;
    assert!(out.contains("refuted     exactly: nothing but what is declared"), "{out}");
    assert!(out.contains("standby.service.web (") && out.contains(") -> standby.service.web ("), "{out}");

    let out = changed(&dir, "standby", "", CLOSED).expect_status(2).stdout;
    assert!(out.contains("refuted     exactly: everything that is declared"), "{out}");
    assert!(out.contains("internet -> the load balancers of standby ("), "{out}");
    assert!(out.contains("aws_vpc_block_public_access_options.this") && out.contains("main.tf:1)"), "{out}");

    let inputs = "vpc = network.vpc_id, subnets = network.private_subnet_ids";
    let out = changed(&dir, "standby", inputs, TWICE).expect_status(3).stdout;
    assert!(out.contains("not proved  exactly: everything that is declared"), "{out}");
    // No answer of this kind without what it hangs on.
    assert!(out.contains("this depends on:") && out.contains("the subnet is associated twice"), "{out}");
}

#[test]
fn dealtrak_is_apart() {
    example("dealtrak", 6);
}

#[test]
fn exchange_is_apart() {
    example("exchange", 6);
}

#[test]
fn levels_is_apart() {
    example("levels", 7);
}

#[test]
fn simplemining_is_apart() {
    example("simplemining", 5);
}
