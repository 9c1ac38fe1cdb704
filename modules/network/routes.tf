# Route tables, NAT and the routes that leave the VPC.

locals {
  # Which zones have a NAT gateway, and which of them serves each zone.
  nat_zones = var.nat == "none" ? [] : var.nat == "single" ? slice(local.zones, 0, 1) : local.zones
  nat_of    = { for z in local.zones : z => var.nat == "zonal" ? z : local.zones[0] if var.nat != "none" }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id

  tags = merge(var.tags, { Name = "${var.name}-public" })
}

resource "aws_route" "public_internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route" "public_internet6" {
  count = var.ipv6 ? 1 : 0

  route_table_id              = aws_route_table.public.id
  destination_ipv6_cidr_block = "::/0"
  gateway_id                  = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  for_each = local.slots

  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public.id
}

# One table a zone, whatever nat says: changing nat then changes routes only.
resource "aws_route_table" "private" {
  for_each = local.slots

  vpc_id = aws_vpc.this.id

  tags = merge(var.tags, { Name = "${var.name}-private-${each.key}" })
}

resource "aws_route_table_association" "private" {
  for_each = local.slots

  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[each.key].id
}

# No default route, in no case.
resource "aws_route_table" "data" {
  vpc_id = aws_vpc.this.id

  tags = merge(var.tags, { Name = "${var.name}-data" })
}

resource "aws_route_table_association" "data" {
  for_each = local.slots

  subnet_id      = aws_subnet.data[each.key].id
  route_table_id = aws_route_table.data.id
}

resource "aws_eip" "nat" {
  for_each = toset(local.nat_zones)

  domain = "vpc"

  tags = merge(var.tags, { Name = "${var.name}-nat-${each.key}" })

  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "this" {
  for_each = toset(local.nat_zones)

  allocation_id = aws_eip.nat[each.key].id
  # Behind a firewall NAT needs subnets of its own: the way back to the private
  # subnets leads through the firewall, and load balancers must not take it.
  subnet_id = local.firewalled ? aws_subnet.egress[each.key].id : aws_subnet.public[each.key].id

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })

  depends_on = [aws_route.public_internet, aws_route.egress_internet]
}

resource "aws_route" "private_internet" {
  for_each = local.nat_of

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = local.firewalled ? null : aws_nat_gateway.this[each.value].id
  vpc_endpoint_id        = local.firewalled ? local.firewall_endpoints[each.key] : null
}

# IPv6 would pass by the firewall, so there is none for private subnets behind one.
resource "aws_egress_only_internet_gateway" "this" {
  count = var.ipv6 && var.nat != "none" && !local.firewalled ? 1 : 0

  vpc_id = aws_vpc.this.id

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_route" "private_internet6" {
  for_each = var.ipv6 && var.nat != "none" && !local.firewalled ? local.slots : {}

  route_table_id              = aws_route_table.private[each.key].id
  destination_ipv6_cidr_block = "::/0"
  egress_only_gateway_id      = aws_egress_only_internet_gateway.this[0].id
}
