//! What holds before an apply and after it must hold at every moment between.

use super::super::groma;
use super::properties::{DIRECT, net, says};

const BLOCK: &str = "  never = [\"aws_instance.app -> internet\"]\n  steps = true";
const OPEN: &str = "cidr_ipv4         = \"0.0.0.0/0\"\n";
const CLOSED: &str = "cidr_ipv4         = \"10.0.0.0/8\"\n";

#[test]
fn what_one_step_opens_another_must_have_closed() {
    // A rule without a way, and then a way without a rule.
    let dir = net("", BLOCK);
    says(&dir, 0, &["proved      steps", "1 network stands for all their orders"]);
    groma(&dir, &["apply", "-auto-approve"]).expect_success();
    says(&dir, 0, &["proved      never", "proved      steps", "0 steps change the network"]);
    let text = dir.read("main.tf");
    assert!(text.contains(OPEN), "{text}");
    // The way comes first.
    let later = format!("{CLOSED}  depends_on = [aws_route.direct]\n");
    dir.write("main.tf", text.replace(OPEN, &later));
    dir.write("more.tf", DIRECT);
    let both =
        "after aws_route.direct is made and before the old aws_vpc_security_group_egress_rule.app is gone";
    let out = says(&dir, 2, &["proved      never", "refuted     steps", both]);
    assert!(out.contains("aws_route.direct  (more.tf:2)"), "{out}");
    // Neither waits for the other.
    dir.write("main.tf", text.replace(OPEN, CLOSED));
    says(&dir, 2, &["proved      never", "refuted     steps", both]);
    // The rule goes first.
    let earlier = "  depends_on = [aws_vpc_security_group_egress_rule.app]\n}";
    let (head, _) = DIRECT.rsplit_once('}').expect("a block");
    dir.write("more.tf", format!("{head}{earlier}\n"));
    says(&dir, 0, &["proved      never", "proved      steps"]);
    // A document of a plan has no order.
    let plan = r#"{"format_version": "1.2", "planned_values": {"root_module": {"resources": [
        {"address": "aws_instance.app", "mode": "managed", "type": "aws_instance", "name": "app", "values": {"id": "i-1"}}
    ]}}}"#;
    dir.write("plan.json", plan);
    let out = groma(&dir, &["prove", "plan.json"]).expect_status(3).stdout;
    assert!(out.contains("not proved  steps") && out.contains("which steps wait for which"), "{out}");
}

/// What is replaced is made and gone in two steps, and what replaces it may come before.
#[test]
fn old_and_new_may_be_there_together() {
    let group = |port: u16, way: &str| {
        let life = "lifecycle { create_before_destroy = true }";
        format!(
            r#"
resource "aws_security_group_rule" "app" {{
  security_group_id = aws_security_group.app.id
  type              = "egress"
  protocol          = "tcp"
  from_port         = {port}
  to_port           = {port}
  cidr_blocks       = ["0.0.0.0/0"]
  {life}
}}
{way}"#
        )
    };
    let block = "  never = [\"aws_instance.app -> internet:80/tcp\"]\n  steps = true";
    let dir = net(&group(80, ""), block);
    let text = dir.read("main.tf").replace(OPEN, CLOSED);
    dir.write("main.tf", &text);
    groma(&dir, &["apply", "-auto-approve"]).expect_success();
    // A way, once the new rule is there: the old one may still be.
    let after = "  depends_on = [aws_security_group_rule.app]\n}";
    let (head, _) = DIRECT.rsplit_once('}').expect("a block");
    let way = format!("{head}{after}\n");
    dir.write("more.tf", group(81, &way));
    let when = "before the old aws_security_group_rule.app is gone";
    says(&dir, 2, &["proved      never", "refuted     steps", "aws_route.direct is made", when]);
    // Without the old rule there is none to wait for.
    dir.write("more.tf", group(81, &way).replace("create_before_destroy = true", ""));
    says(&dir, 0, &["proved      never", "proved      steps"]);
}

/// Until a subnet has a table of its own it has the main one.
#[test]
fn a_subnet_has_the_main_table_first() {
    let main = r#"
resource "aws_default_route_table" "main" {
  default_route_table_id = aws_vpc.main.default_route_table_id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}
"#;
    let dir = net(main, BLOCK);
    let when = "before aws_route_table_association.private is made";
    says(&dir, 2, &["proved      never", "refuted     steps", when]);
    // What could leave waits for it.
    let text = dir.read("main.tf");
    let instance = "resource \"aws_instance\" \"app\" {\n";
    assert!(text.contains(instance), "{text}");
    let waits = format!("{instance}  depends_on = [aws_route_table_association.private]\n");
    dir.write("main.tf", text.replace(instance, &waits));
    says(&dir, 0, &["proved      never", "proved      steps", "networks stand for all their orders"]);
}

#[test]
fn too_many_orders_are_not_proved() {
    let groups = |port: u16| {
        format!(
            r#"
resource "aws_security_group" "many" {{
  count  = 13
  name   = "many-${{count.index}}"
  vpc_id = aws_vpc.main.id
  ingress {{
    from_port   = {port}
    to_port     = {port}
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }}
}}
"#
        )
    };
    let dir = net(&groups(80), BLOCK);
    groma(&dir, &["apply", "-auto-approve"]).expect_success();
    dir.write("more.tf", groups(81));
    says(
        &dir,
        3,
        &["proved      never", "not proved  steps", "13 steps may come in too many orders", "and 7 more"],
    );
}
