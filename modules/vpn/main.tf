# A site-to-site VPN into one VPC. AWS makes the pre-shared keys; they are in the
# state and in the connection's downloadable configuration.

locals {
  # What both sides must be able to do: IKEv2, AES-256, SHA-2, and no group below
  # 2048 bits.
  encryption = ["AES256", "AES256-GCM-16"]
  integrity  = ["SHA2-256", "SHA2-384", "SHA2-512"]
  dh_groups  = [14, 15, 16, 17, 18, 19, 20, 21]

  routes = {
    for pair in setproduct(keys(var.route_table_ids), var.static ? distinct(var.peer_cidrs) : []) :
    "${pair[0]} ${pair[1]}" => { table = pair[0], cidr = pair[1] }
  }
}

resource "aws_customer_gateway" "this" {
  type       = "ipsec.1"
  ip_address = var.peer_ip
  bgp_asn    = var.asn

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_vpn_gateway" "this" {
  vpc_id          = var.vpc_id
  amazon_side_asn = 64512

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_vpn_connection" "this" {
  type                = "ipsec.1"
  customer_gateway_id = aws_customer_gateway.this.id
  vpn_gateway_id      = aws_vpn_gateway.this.id
  static_routes_only  = var.static

  tunnel1_ike_versions                 = ["ikev2"]
  tunnel1_phase1_encryption_algorithms = local.encryption
  tunnel1_phase1_integrity_algorithms  = local.integrity
  tunnel1_phase1_dh_group_numbers      = local.dh_groups
  tunnel1_phase2_encryption_algorithms = local.encryption
  tunnel1_phase2_integrity_algorithms  = local.integrity
  tunnel1_phase2_dh_group_numbers      = local.dh_groups

  tunnel2_ike_versions                 = ["ikev2"]
  tunnel2_phase1_encryption_algorithms = local.encryption
  tunnel2_phase1_integrity_algorithms  = local.integrity
  tunnel2_phase1_dh_group_numbers      = local.dh_groups
  tunnel2_phase2_encryption_algorithms = local.encryption
  tunnel2_phase2_integrity_algorithms  = local.integrity
  tunnel2_phase2_dh_group_numbers      = local.dh_groups

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_vpn_connection_route" "this" {
  for_each = toset(var.static ? var.peer_cidrs : [])

  vpn_connection_id      = aws_vpn_connection.this.id
  destination_cidr_block = each.key
}

# Routes that a plan shows, rather than propagation, which it does not.
resource "aws_route" "this" {
  for_each = local.routes

  route_table_id         = var.route_table_ids[each.value.table]
  destination_cidr_block = each.value.cidr
  gateway_id             = aws_vpn_gateway.this.id
}

resource "aws_vpn_gateway_route_propagation" "this" {
  for_each = var.static ? {} : var.route_table_ids

  route_table_id = each.value
  vpn_gateway_id = aws_vpn_gateway.this.id
}
