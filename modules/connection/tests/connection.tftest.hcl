provider "aws" {
  region = "eu-west-1"
}

variables {
  name        = "groma-test-web-to-main"
  description = "web to main"
  ports       = [{ from = 3306 }]
}

run "setup" {
  module {
    source = "./tests/setup"
  }
}

run "group_to_group" {
  command = apply

  variables {
    from_security_group_id = run.setup.from_id
    to_security_group_id   = run.setup.to_id
    ports                  = [{ from = 3306 }, { protocol = "udp", from = 6000, to = 6010 }]
  }

  assert {
    condition     = sort(keys(output.egress_rule_ids)) == tolist(["tcp 3306 group", "udp 6000-6010 group"]) && sort(keys(output.ingress_rule_ids)) == sort(keys(output.egress_rule_ids))
    error_message = "One rule a port on each side."
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.this["tcp 3306 group"].security_group_id == run.setup.from_id && aws_vpc_security_group_egress_rule.this["tcp 3306 group"].referenced_security_group_id == run.setup.to_id
    error_message = "Egress is the opening side's, towards the other."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.this["tcp 3306 group"].security_group_id == run.setup.to_id && aws_vpc_security_group_ingress_rule.this["tcp 3306 group"].referenced_security_group_id == run.setup.from_id
    error_message = "Ingress is the other side's, from the opening one."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.this["tcp 3306 group"].to_port == 3306 && aws_vpc_security_group_ingress_rule.this["tcp 3306 group"].ip_protocol == "tcp"
    error_message = "A single TCP port by default."
  }
}

run "again" {
  command = plan

  variables {
    from_security_group_id = run.setup.from_id
    to_security_group_id   = run.setup.to_id
    ports                  = [{ from = 3306 }, { protocol = "udp", from = 6000, to = 6010 }]
  }

  # Ids are known only if nothing is replaced.
  assert {
    condition     = output.egress_rule_ids == run.group_to_group.egress_rule_ids && output.ingress_rule_ids == run.group_to_group.ingress_rule_ids
    error_message = "A second run changes nothing."
  }
}

run "internet_to_group" {
  command = apply

  variables {
    to_security_group_id = run.setup.to_id
    from_cidrs           = ["203.0.113.0/24", "2001:db8::/32"]
    from_prefix_list_ids = { edge = run.setup.prefix_list_id }
    ports                = [{ from = 443 }]
  }

  assert {
    condition     = length(output.egress_rule_ids) == 0
    error_message = "Ranges have no egress rules."
  }
  assert {
    condition     = sort(keys(output.ingress_rule_ids)) == tolist(["tcp 443 2001:db8::/32", "tcp 443 203.0.113.0/24", "tcp 443 list edge"])
    error_message = "One ingress rule a range and list."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.this["tcp 443 2001:db8::/32"].cidr_ipv6 == "2001:db8::/32" && aws_vpc_security_group_ingress_rule.this["tcp 443 203.0.113.0/24"].cidr_ipv4 == "203.0.113.0/24"
    error_message = "Each range is of its family."
  }
}

run "group_to_endpoint_and_all_protocols" {
  command = apply

  variables {
    from_security_group_id = run.setup.from_id
    to_prefix_list_ids     = { s3 = run.setup.prefix_list_id }
    ports                  = [{ protocol = "all", from = 0 }]
  }

  assert {
    condition     = length(output.ingress_rule_ids) == 0 && keys(output.egress_rule_ids) == ["all list s3"]
    error_message = "One egress rule."
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.this["all list s3"].ip_protocol == "-1" && aws_vpc_security_group_egress_rule.this["all list s3"].from_port == null
    error_message = "All protocols have no ports."
  }
}

run "group_and_ranges_at_one_end" {
  command = plan

  variables {
    from_security_group_id = run.setup.from_id
    to_security_group_id   = run.setup.to_id
    from_is_group          = true
    from_cidrs             = ["203.0.113.0/24"]
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.this) == 2 && length(aws_vpc_security_group_egress_rule.this) == 1
    error_message = "The group and the range both come in; the group goes out."
  }
}

run "one_end_of_two_accounts" {
  command = plan

  variables {
    from_security_group_id = "123456789012/sg-0123456789abcdef0"
    to_security_group_id   = run.setup.to_id
    ends                   = "to"
  }

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.this) == 0 && length(aws_vpc_security_group_ingress_rule.this) == 1
    error_message = "Only this end's rules are made."
  }
}

run "wrong_values" {
  command = plan

  variables {
    name        = "Web"
    description = "web -> main"
    ports       = [{ from = 90, to = 80 }]
    from_cidrs  = ["203.0.113.7"]
    to_cidrs    = ["10.0.0.1/8"]
    ends        = "none"
  }

  expect_failures = [var.name, var.description, var.ports, var.from_cidrs, var.to_cidrs, var.ends]
}

run "no_ports" {
  command = plan

  variables {
    ports = []
  }

  expect_failures = [var.ports]
}
