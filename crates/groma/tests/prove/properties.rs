//! Each property, proved and refuted on small networks.

use super::super::{groma, web};
use groma_testkit::Workdir;
use std::path::Path;
use std::time::Duration;

/// One instance in a private subnet, and what comes beside it.
pub fn net(more: &str, block: &str) -> Workdir {
    let mut dir = Workdir::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prove/net.tf");
    dir.write("main.tf", std::fs::read(source).unwrap());
    dir.write("more.tf", more);
    dir.write("net.prove.hcl", format!("prove \"p\" {{\n{block}\n}}\n"));
    dir.timeout(Duration::from_secs(120));
    dir
}

/// Proves, and wants this to be said.
#[track_caller]
pub fn says(dir: &Workdir, status: i32, parts: &[&str]) -> String {
    let out = groma(dir, &["prove"]).expect_status(status).stdout;
    for part in parts {
        assert!(out.contains(part), "{part}: {out}");
    }
    out
}

pub const DIRECT: &str = r#"
resource "aws_route" "direct" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}
"#;

#[test]
fn nat_is_crossed_or_not() {
    let nat = r#"
resource "aws_eip" "nat" { domain = "vpc" }
resource "aws_nat_gateway" "main" {
  subnet_id     = aws_subnet.public.id
  allocation_id = aws_eip.nat.id
}
resource "aws_route" "nat" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main.id
}
"#;
    let dir = net(nat, "  nat = [\"aws_instance.app\"]");
    says(&dir, 0, &["proved      nat aws_instance.app"]);
    dir.write("more.tf", DIRECT);
    says(&dir, 2, &["refuted     nat aws_instance.app", "aws_route.direct  (more.tf:2)"]);
    // What nothing leaves leaves by NAT only.
    dir.write("more.tf", "");
    says(&dir, 0, &["proved      nat aws_instance.app"]);
}

#[test]
fn a_firewall_is_crossed_or_not() {
    let firewall = r#"
resource "aws_subnet" "firewall" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.3.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_networkfirewall_firewall_policy" "main" {
  name = "main"
  firewall_policy {
    stateless_default_actions          = ["aws:forward_to_sfe"]
    stateless_fragment_default_actions = ["aws:forward_to_sfe"]
  }
}
resource "aws_networkfirewall_firewall" "main" {
  name                = "main"
  vpc_id              = aws_vpc.main.id
  firewall_policy_arn = aws_networkfirewall_firewall_policy.main.arn
  subnet_mapping { subnet_id = aws_subnet.firewall.id }
}
locals {
  states   = flatten(aws_networkfirewall_firewall.main.firewall_status[*].sync_states[*])
  endpoint = one([for s in local.states : s.attachment[0].endpoint_id])
}
resource "aws_route" "firewall" {
  route_table_id         = aws_route_table.private.id
  destination_cidr_block = "0.0.0.0/0"
  vpc_endpoint_id        = local.endpoint
}
resource "aws_route_table_association" "firewall" {
  subnet_id      = aws_subnet.firewall.id
  route_table_id = aws_route_table.public.id
}
"#;
    let dir = net(firewall, "  firewall = [\"aws_instance.app\"]");
    says(&dir, 0, &["proved      firewall aws_instance.app"]);
    dir.write("more.tf", DIRECT);
    says(&dir, 2, &["refuted     firewall aws_instance.app", "aws_route.direct  (more.tf:2)"]);
}

#[test]
fn a_zone_is_lost() {
    let open = r#"
resource "aws_vpc_security_group_ingress_rule" "app" {
  security_group_id = aws_security_group.app.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}
"#;
    let other = r#"
resource "aws_subnet" "other" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.4.0/24"
  availability_zone = "eu-west-1b"
}
resource "aws_route_table_association" "other" {
  subnet_id      = aws_subnet.other.id
  route_table_id = aws_route_table.public.id
}
resource "aws_instance" "other" {
  ami                         = "ami-0a1b2c3d4e5f60718"
  instance_type               = "t4g.small"
  subnet_id                   = aws_subnet.other.id
  vpc_security_group_ids      = [aws_security_group.app.id]
  associate_public_ip_address = true
}
"#;
    let block = "  always = [\"internet -> aws_security_group.app:443/tcp\"]\n  zone_loss = true";
    let dir = net(&format!("{DIRECT}{open}{other}"), block);
    says(&dir, 0, &["proved      zone_loss", "zones: eu-west-1a, eu-west-1b"]);
    dir.write("more.tf", format!("{DIRECT}{open}"));
    says(&dir, 2, &["proved      always", "refuted     zone_loss", "when eu-west-1a is lost"]);
}

#[test]
fn an_apply_adds_what_it_says_and_nothing_else() {
    let dir = web();
    let text = dir.read("main.tf");
    let head = "resource \"aws_security_group\" \"web\" {\n";
    assert!(text.contains(head) && text.contains("443"), "{text}");
    let with = |ports: &[u16], old: u16| {
        let rules: String = ports
            .iter()
            .map(|p| {
                format!("  ingress {{\n    from_port = {p}\n    to_port = {p}\n    protocol = \"tcp\"\n    cidr_blocks = [\"0.0.0.0/0\"]\n  }}\n")
            })
            .collect();
        let text = text.replace("= 443", &format!("= {old}")).replace(head, &format!("{head}{rules}"));
        dir.write("main.tf", text);
    };
    groma(&dir, &["apply", "-auto-approve"]).expect_success();
    let block = "prove \"tunnel\" {\n  adds = [\"internet -> aws_instance.web:8443/tcp\"]\n}\n";
    dir.write("web.prove.hcl", block);
    // It is not there yet.
    says(&dir, 2, &["refuted     adds internet -> aws_instance.web:8443/tcp", "0 edges are added"]);
    with(&[8443], 443);
    says(&dir, 0, &["proved      adds internet -> aws_instance.web:8443/tcp", "1 edge is added and 0 lost"]);
    // Something else beside it.
    with(&[8443, 22], 443);
    says(
        &dir,
        2,
        &["refuted     adds", "tcp 22 over IPv4, is added", "aws_security_group.web  (main.tf:24)"],
    );
    // Something lost.
    with(&[8443], 444);
    says(&dir, 2, &["refuted     adds", "tcp 443 over IPv4, is lost", "tcp 444 over IPv4, is added"]);
    // Once it is done, it still is as it says.
    with(&[8443], 443);
    groma(&dir, &["apply", "-auto-approve"]).expect_success();
    says(&dir, 0, &["proved      adds", "0 edges are added and 0 lost"]);
}

/// AWS keeps the rules of a group whose `ingress` is left out of its block, and those that
/// resources of their own had made go with these.
#[test]
fn rules_that_are_left_out_stay() {
    let group = |ingress: &str| {
        format!(
            "resource \"aws_security_group\" \"late\" {{\n  vpc_id = aws_vpc.main.id\n{ingress}}}\nresource \"aws_instance\" \"late\" {{\n  ami = \"ami-0123456789abcdef0\"\n  instance_type = \"t3.micro\"\n  subnet_id = aws_subnet.private.id\n  vpc_security_group_ids = [aws_security_group.late.id]\n}}\n"
        )
    };
    let inline = "  ingress {\n    from_port = 22\n    to_port = 22\n    protocol = \"tcp\"\n    cidr_blocks = [\"10.0.0.0/8\"]\n  }\n";
    let rule = "resource \"aws_vpc_security_group_ingress_rule\" \"ssh\" {\n  security_group_id = aws_security_group.late.id\n  ip_protocol = \"tcp\"\n  from_port = 22\n  to_port = 22\n  cidr_ipv4 = \"10.0.0.0/8\"\n}\n";
    let property = "  never = [\"aws_instance.app -> aws_instance.late\"]";
    for (before, after, proved) in
        [(group(inline), group(""), false), (format!("{}{rule}", group("")), group(""), true)]
    {
        let dir = net(&before, property);
        groma(&dir, &["apply", "-auto-approve"]).expect_success();
        dir.write("more.tf", &after);
        let out = groma(&dir, &["prove"]);
        assert_eq!(out.status == Some(0), proved, "{}\n{}", out.stdout, out.stderr);
        if !proved {
            assert!(out.stdout.contains("aws_security_group.late"), "{}", out.stdout);
        }
    }
}
