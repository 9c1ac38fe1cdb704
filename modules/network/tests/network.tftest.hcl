provider "aws" {
  region = "eu-west-1"
}

variables {
  name   = "groma-test"
  region = "eu-west-1"
  cidr   = "10.20.0.0/16"
}

run "smallest" {
  command = apply

  variables {
    zones = 2
  }

  assert {
    condition     = output.zone_names == tolist(["eu-west-1a", "eu-west-1b"])
    error_message = "The first two zones of the region, in order."
  }
  assert {
    condition     = output.private_subnet_cidrs == ["10.20.0.0/20", "10.20.16.0/20"]
    error_message = "Private subnets take the first half of the range."
  }
  assert {
    condition     = output.data_subnet_cidrs == ["10.20.128.0/21", "10.20.136.0/21"] && output.public_subnet_cidrs == ["10.20.192.0/22", "10.20.196.0/22"]
    error_message = "Data subnets take the third quarter, public ones what follows."
  }
  assert {
    condition     = alltrue([for s in aws_subnet.public : !s.map_public_ip_on_launch])
    error_message = "Nothing gets a public address by itself."
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_route.private_internet) == 0 && length(output.nat_public_ips) == 0
    error_message = "Without nat, private subnets have no way out."
  }
  assert {
    condition     = length(aws_route_table.data.route) == 0
    error_message = "The data table has no route of its own."
  }
  assert {
    condition     = length(aws_default_security_group.this.ingress) == 0 && length(aws_default_security_group.this.egress) == 0
    error_message = "The default security group is empty."
  }
  assert {
    condition     = [for r in aws_network_acl.data.ingress : r.cidr_block] == ["10.20.0.0/16"]
    error_message = "The data tier's ACL admits the VPC's own range only."
  }
  assert {
    condition     = length(aws_vpc_endpoint.gateway["s3"].route_table_ids) == 3
    error_message = "S3 is reached from both private tables and the data table."
  }
  assert {
    condition     = output.endpoint_security_group_id == null
    error_message = "No interface endpoints, no security group for them."
  }
  assert {
    condition     = sort(keys(output.route_table_ids)) == tolist(["data", "private-eu-west-1a", "private-eu-west-1b", "public"])
    error_message = "Route tables by keys that are known while planning."
  }
}

# Grows what "smallest" made. Without the gateway endpoint: an API server for tests
# (moto) forgets its route in tables that are added to it.
run "grown" {
  command = apply

  variables {
    zones               = 3
    nat                 = "single"
    gateway_endpoints   = []
    interface_endpoints = ["ssm", "ecr.api"]
    flow_log_days       = 30
    account_id          = "123456789012"
  }

  assert {
    condition     = output.vpc_id == run.smallest.vpc_id && slice(output.private_subnet_ids, 0, 2) == run.smallest.private_subnet_ids && slice(output.data_subnet_ids, 0, 2) == run.smallest.data_subnet_ids && slice(output.public_subnet_ids, 0, 2) == run.smallest.public_subnet_ids
    error_message = "The first zones' subnets stay when a zone is added."
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.private_internet) == 3
    error_message = "One NAT gateway serves all zones."
  }
  assert {
    condition     = length(distinct([for r in aws_route.private_internet : r.nat_gateway_id])) == 1
    error_message = "All private tables lead to that gateway."
  }
  assert {
    condition     = alltrue([for e in aws_vpc_endpoint.interface : e.private_dns_enabled && length(e.subnet_ids) == 3])
    error_message = "Interface endpoints are in each zone and take over the service's name."
  }
  assert {
    condition     = output.endpoint_security_group_id != null
    error_message = "Interface endpoints have a security group."
  }
  assert {
    condition     = jsondecode(aws_iam_role.flow[0].assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "Only this account's flow logs may use the role."
  }
}

run "zonal_nat" {
  command = plan

  variables {
    nat        = "zonal"
    zone_names = ["eu-west-1c", "eu-west-1a"]
  }

  assert {
    condition     = output.zone_names == tolist(["eu-west-1a", "eu-west-1c"]) && length(aws_nat_gateway.this) == 2
    error_message = "One NAT gateway a zone."
  }
  assert {
    condition     = output.private_subnet_cidrs == ["10.20.0.0/20", "10.20.32.0/20"]
    error_message = "A zone's letter decides its range, whichever zones there are."
  }
}

run "ipv6" {
  command = plan

  variables {
    ipv6 = true
    nat  = "single"
  }

  assert {
    condition     = length(aws_egress_only_internet_gateway.this) == 1 && length(aws_route.private_internet6) == 3
    error_message = "Private IPv6 addresses connect outwards only."
  }
}

# Planned only: API servers for tests do not report a firewall's endpoints.
run "firewall" {
  command = plan

  variables {
    name     = "groma-test-wall"
    nat      = "zonal"
    ipv6     = true
    firewall = { domains = ["api.stripe.com", ".example.com"] }
  }

  assert {
    condition     = length(aws_subnet.firewall) == 3 && length(aws_subnet.egress) == 3 && length(aws_route.egress_return) == 3
    error_message = "The firewall and NAT have subnets of their own, and the way back leads through the firewall."
  }
  assert {
    condition     = length(aws_route.private_internet6) == 0
    error_message = "IPv6 does not pass by the firewall."
  }
  assert {
    condition     = aws_networkfirewall_rule_group.domains[0].rule_group[0].rules_source[0].rules_source_list[0].generated_rules_type == "ALLOWLIST"
    error_message = "The domains are what is let through."
  }
}

run "data_tier_opened_to_a_peer" {
  command = plan

  variables {
    data_admit_cidrs          = ["10.99.0.0/16"]
    data_to_gateway_endpoints = true
  }

  assert {
    condition     = contains([for r in aws_network_acl.data.ingress : r.cidr_block if r.protocol == "-1"], "10.99.0.0/16")
    error_message = "The peer is admitted."
  }
  assert {
    condition     = [for r in aws_network_acl.data.egress : r.to_port if r.cidr_block == "0.0.0.0/0"] == [443]
    error_message = "Gateway endpoints are reached on 443 only."
  }
}

run "wrong_range" {
  command = plan

  variables {
    cidr = "10.20.0.0/24"
  }

  expect_failures = [var.cidr]
}

run "range_with_host_bits" {
  command = plan

  variables {
    cidr = "10.20.0.1/16"
  }

  expect_failures = [var.cidr]
}

run "wrong_names" {
  command = plan

  variables {
    name                = "Groma_Test"
    nat                 = "some"
    zones               = 7
    interface_endpoints = ["com.amazonaws.eu-west-1.ssm"]
    gateway_endpoints   = ["sqs"]
    flow_log_days       = 31
  }

  expect_failures = [var.name, var.nat, var.zones, var.interface_endpoints, var.gateway_endpoints, var.flow_log_days]
}

run "zones_with_one_letter" {
  command = plan

  variables {
    zone_names = ["us-west-2a", "us-west-2-lax-1a"]
  }

  expect_failures = [var.zone_names]
}

run "more_zones_than_there_are" {
  command = plan

  variables {
    zones = 6
  }

  expect_failures = [data.aws_availability_zones.open]
}

run "firewall_without_nat" {
  command = plan

  variables {
    name     = "groma-test-wall"
    firewall = { domains = ["api.stripe.com"] }
  }

  expect_failures = [aws_networkfirewall_firewall.this]
}
