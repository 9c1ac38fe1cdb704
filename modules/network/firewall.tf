# The optional firewall between the private subnets and NAT:
#
#   private subnet -> firewall endpoint of its zone -> NAT gateway -> internet
#
# Packets come back the same way: the tables of the NAT gateways lead to each
# private subnet through the firewall endpoint of that subnet's zone.

locals {
  firewalled = var.firewall != null

  firewall_endpoints = local.firewalled ? {
    for s in aws_networkfirewall_firewall.this[0].firewall_status[0].sync_states :
    s.availability_zone => s.attachment[0].endpoint_id
  } : {}

  # Each pair of NAT gateway and zone that it serves.
  returns = local.firewalled ? { for z, nat in local.nat_of : "${nat}/${z}" => { nat = nat, zone = z } } : {}
}

resource "aws_subnet" "firewall" {
  for_each = local.firewalled ? local.slots : {}

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = local.firewall_cidrs[each.key]
  map_public_ip_on_launch = false

  tags = merge(var.tags, { Name = "${var.name}-firewall-${each.key}", tier = "firewall" })
}

resource "aws_subnet" "egress" {
  for_each = local.firewalled ? toset(local.nat_zones) : []

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = local.egress_cidrs[each.key]
  map_public_ip_on_launch = false

  tags = merge(var.tags, { Name = "${var.name}-egress-${each.key}", tier = "egress" })
}

resource "aws_route_table" "firewall" {
  for_each = local.firewalled ? local.slots : {}

  vpc_id = aws_vpc.this.id

  tags = merge(var.tags, { Name = "${var.name}-firewall-${each.key}" })
}

resource "aws_route_table_association" "firewall" {
  for_each = local.firewalled ? local.slots : {}

  subnet_id      = aws_subnet.firewall[each.key].id
  route_table_id = aws_route_table.firewall[each.key].id
}

resource "aws_route" "firewall_nat" {
  for_each = local.firewalled ? local.nat_of : {}

  route_table_id         = aws_route_table.firewall[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[each.value].id
}

resource "aws_route_table" "egress" {
  for_each = local.firewalled ? toset(local.nat_zones) : []

  vpc_id = aws_vpc.this.id

  tags = merge(var.tags, { Name = "${var.name}-egress-${each.key}" })
}

resource "aws_route_table_association" "egress" {
  for_each = local.firewalled ? toset(local.nat_zones) : []

  subnet_id      = aws_subnet.egress[each.key].id
  route_table_id = aws_route_table.egress[each.key].id
}

resource "aws_route" "egress_internet" {
  for_each = local.firewalled ? toset(local.nat_zones) : []

  route_table_id         = aws_route_table.egress[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route" "egress_return" {
  for_each = local.returns

  route_table_id         = aws_route_table.egress[each.value.nat].id
  destination_cidr_block = local.private_cidrs[each.value.zone]
  vpc_endpoint_id        = local.firewall_endpoints[each.value.zone]
}

# Only TCP reaches the rules on domains; everything else (QUIC, DNS and NTP to
# foreign servers) is dropped before.
resource "aws_networkfirewall_rule_group" "tcp" {
  count = local.firewalled ? 1 : 0

  name     = "${var.name}-tcp"
  type     = "STATELESS"
  capacity = 10

  rule_group {
    rules_source {
      stateless_rules_and_custom_actions {
        stateless_rule {
          priority = 1

          rule_definition {
            actions = ["aws:forward_to_sfe"]

            match_attributes {
              protocols = [6]

              source {
                address_definition = "0.0.0.0/0"
              }

              destination {
                address_definition = "0.0.0.0/0"
              }
            }
          }
        }
      }
    }
  }

  tags = merge(var.tags, { Name = "${var.name}-tcp" })
}

resource "aws_networkfirewall_rule_group" "domains" {
  count = local.firewalled ? 1 : 0

  name = "${var.name}-domains"
  type = "STATEFUL"
  # Cannot be changed later, so there is room for growth.
  capacity = 1000

  rule_group {
    rules_source {
      rules_source_list {
        generated_rules_type = "ALLOWLIST"
        target_types         = ["HTTP_HOST", "TLS_SNI"]
        targets              = var.firewall.domains
      }
    }

    stateful_rule_options {
      rule_order = "STRICT_ORDER"
    }
  }

  tags = merge(var.tags, { Name = "${var.name}-domains" })
}

resource "aws_networkfirewall_firewall_policy" "this" {
  count = local.firewalled ? 1 : 0

  name = var.name

  firewall_policy {
    stateless_default_actions          = ["aws:drop"]
    stateless_fragment_default_actions = ["aws:drop"]

    stateless_rule_group_reference {
      priority     = 1
      resource_arn = aws_networkfirewall_rule_group.tcp[0].arn
    }

    # A domain is seen only after the handshake: "established" lets that much
    # through and drops what no rule admits then.
    stateful_default_actions = ["aws:drop_established", "aws:alert_established"]

    stateful_engine_options {
      rule_order = "STRICT_ORDER"
    }

    stateful_rule_group_reference {
      priority     = 1
      resource_arn = aws_networkfirewall_rule_group.domains[0].arn
    }
  }

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_networkfirewall_firewall" "this" {
  count = local.firewalled ? 1 : 0

  name                = var.name
  vpc_id              = aws_vpc.this.id
  firewall_policy_arn = aws_networkfirewall_firewall_policy.this[0].arn

  dynamic "subnet_mapping" {
    for_each = local.zones

    content {
      subnet_id = aws_subnet.firewall[subnet_mapping.value].id
    }
  }

  tags = merge(var.tags, { Name = var.name })

  lifecycle {
    precondition {
      condition     = var.nat != "none"
      error_message = "The network ${var.name} has a firewall and nothing that could pass it: set nat to \"single\" or \"zonal\", or leave out the firewall."
    }
  }
}

resource "aws_cloudwatch_log_group" "firewall" {
  count = local.firewalled && var.flow_log_days > 0 ? 1 : 0

  name              = "/network/${var.name}/firewall"
  retention_in_days = var.flow_log_days

  tags = merge(var.tags, { Name = "${var.name}-firewall" })
}

resource "aws_networkfirewall_logging_configuration" "this" {
  count = local.firewalled && var.flow_log_days > 0 ? 1 : 0

  firewall_arn = aws_networkfirewall_firewall.this[0].arn

  logging_configuration {
    log_destination_config {
      log_type             = "ALERT"
      log_destination_type = "CloudWatchLogs"
      log_destination      = { logGroup = aws_cloudwatch_log_group.firewall[0].name }
    }
  }
}
