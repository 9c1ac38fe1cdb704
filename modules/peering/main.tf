# A peering between two networks, of one or two accounts and regions, and the
# routes on both sides. It carries nothing until security groups say so.

locals {
  # Two ranges overlap if they start alike when both are cut to the shorter prefix.
  prefix = min([for c in [var.requester.cidr, var.accepter.cidr] : tonumber(split("/", c)[1])]...)
  starts = [for c in [var.requester.cidr, var.accepter.cidr] : cidrhost("${split("/", c)[0]}/${local.prefix}", 0)]
}

resource "aws_vpc_peering_connection" "this" {
  provider = aws.requester

  vpc_id        = var.requester.vpc_id
  peer_vpc_id   = var.accepter.vpc_id
  peer_owner_id = var.accepter.account_id
  # Said only where it differs: AWS answers with none inside of one region.
  peer_region = var.accepter.region == var.requester.region ? null : var.accepter.region
  auto_accept = false

  tags = merge(var.tags, { Name = var.name })

  lifecycle {
    precondition {
      condition     = local.starts[0] != local.starts[1]
      error_message = "The networks of the peering ${var.name} overlap (${var.requester.cidr} and ${var.accepter.cidr}), so neither could route to the other: give one of them another range."
    }
  }
}

resource "aws_vpc_peering_connection_accepter" "this" {
  provider = aws.accepter

  vpc_peering_connection_id = aws_vpc_peering_connection.this.id
  auto_accept               = true

  tags = merge(var.tags, { Name = var.name })
}

# Names of the other side resolve to its private addresses. Each side sets its own
# half, and can only once the peering is active: hence the accepter's id.
resource "aws_vpc_peering_connection_options" "requester" {
  provider = aws.requester

  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.this.id

  requester {
    allow_remote_vpc_dns_resolution = true
  }
}

resource "aws_vpc_peering_connection_options" "accepter" {
  provider = aws.accepter

  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.this.id

  accepter {
    allow_remote_vpc_dns_resolution = true
  }
}

resource "aws_route" "requester" {
  provider = aws.requester
  for_each = var.requester.route_table_ids

  route_table_id            = each.value
  destination_cidr_block    = var.accepter.cidr
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.this.id
}

resource "aws_route" "accepter" {
  provider = aws.accepter
  for_each = var.accepter.route_table_ids

  route_table_id            = each.value
  destination_cidr_block    = var.requester.cidr
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.this.id
}
