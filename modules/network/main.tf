# The VPC, its three tiers and what AWS puts into every VPC by itself.

locals {
  # The zones in sorted order, so that neither the order of the API's answer nor
  # that of zone_names changes anything.
  zones = length(var.zone_names) > 0 ? sort(var.zone_names) : slice(
    sort(data.aws_availability_zones.open[0].names), 0,
    min(var.zones, length(data.aws_availability_zones.open[0].names)),
  )

  # A zone's slot is its letter, not its position: a zone that appears in the
  # middle of the list, or is left out later, moves no other subnet.
  slots = { for z in local.zones : z => index(["a", "b", "c", "d", "e", "f", "g", "h"], substr(z, -1, 1)) }

  # 8 slots a tier: private takes the first half of the range, data the third
  # quarter, public the first half of the rest. Of what then remains, the first
  # half has the subnets that a firewall needs: its own and those of NAT.
  private_cidrs  = { for z, n in local.slots : z => cidrsubnet(var.cidr, 4, n) }
  data_cidrs     = { for z, n in local.slots : z => cidrsubnet(var.cidr, 5, 16 + n) }
  public_cidrs   = { for z, n in local.slots : z => cidrsubnet(var.cidr, 6, 48 + n) }
  firewall_cidrs = { for z, n in local.slots : z => cidrsubnet(var.cidr, 7, 112 + n) }
  egress_cidrs   = { for z, n in local.slots : z => cidrsubnet(var.cidr, 7, 120 + n) }

  # The same slots in IPv6, as numbers of /64 ranges in the VPC's /56.
  public_net6  = { for z, n in local.slots : z => n }
  private_net6 = { for z, n in local.slots : z => 16 + n }
  data_net6    = { for z, n in local.slots : z => 32 + n }
}

# Asked only when the caller does not name the zones. Local and wavelength zones
# and those that need opting in are left out.
data "aws_availability_zones" "open" {
  count = length(var.zone_names) > 0 ? 0 : 1

  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }

  lifecycle {
    postcondition {
      condition     = length(self.names) >= var.zones
      error_message = "The network ${var.name} asks for ${var.zones} zones, and ${var.region} has only ${length(self.names)} (${join(", ", self.names)}): lower zones, or use another region."
    }
  }
}

resource "aws_vpc" "this" {
  cidr_block                       = var.cidr
  enable_dns_support               = true
  enable_dns_hostnames             = true
  assign_generated_ipv6_cidr_block = var.ipv6

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = merge(var.tags, { Name = var.name })
}

# Load balancers and NAT gateways only: nothing that is launched here gets a
# public address by itself.
resource "aws_subnet" "public" {
  for_each = local.slots

  vpc_id                          = aws_vpc.this.id
  availability_zone               = each.key
  cidr_block                      = local.public_cidrs[each.key]
  ipv6_cidr_block                 = var.ipv6 ? cidrsubnet(aws_vpc.this.ipv6_cidr_block, 8, local.public_net6[each.key]) : null
  assign_ipv6_address_on_creation = false
  map_public_ip_on_launch         = false

  tags = merge(var.tags, { Name = "${var.name}-public-${each.key}", tier = "public" })
}

resource "aws_subnet" "private" {
  for_each = local.slots

  vpc_id                          = aws_vpc.this.id
  availability_zone               = each.key
  cidr_block                      = local.private_cidrs[each.key]
  ipv6_cidr_block                 = var.ipv6 ? cidrsubnet(aws_vpc.this.ipv6_cidr_block, 8, local.private_net6[each.key]) : null
  assign_ipv6_address_on_creation = var.ipv6
  map_public_ip_on_launch         = false

  tags = merge(var.tags, { Name = "${var.name}-private-${each.key}", tier = "private" })
}

resource "aws_subnet" "data" {
  for_each = local.slots

  vpc_id                          = aws_vpc.this.id
  availability_zone               = each.key
  cidr_block                      = local.data_cidrs[each.key]
  ipv6_cidr_block                 = var.ipv6 ? cidrsubnet(aws_vpc.this.ipv6_cidr_block, 8, local.data_net6[each.key]) : null
  assign_ipv6_address_on_creation = false
  map_public_ip_on_launch         = false

  tags = merge(var.tags, { Name = "${var.name}-data-${each.key}", tier = "data" })
}

# What AWS makes with every VPC is adopted, so that forgetting to name a security
# group, a table or an ACL connects nothing.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id

  tags = merge(var.tags, { Name = "${var.name}-default" })
}

resource "aws_default_route_table" "this" {
  default_route_table_id = aws_vpc.this.default_route_table_id

  route = []

  tags = merge(var.tags, { Name = "${var.name}-default" })
}

resource "aws_default_network_acl" "this" {
  default_network_acl_id = aws_vpc.this.default_network_acl_id

  tags = merge(var.tags, { Name = "${var.name}-default" })

  lifecycle {
    # A subnet falls back to this ACL when its own goes away; that is AWS's
    # doing and no change of ours.
    ignore_changes = [subnet_ids]
  }
}
