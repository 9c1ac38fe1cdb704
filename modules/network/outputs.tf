output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "vpc_arn" {
  description = "ARN of the VPC."
  value       = aws_vpc.this.arn
}

output "cidr" {
  description = "IPv4 range of the VPC, known while planning."
  value       = var.cidr
}

output "ipv6_cidr" {
  description = "IPv6 range of the VPC; null without ipv6."
  value       = var.ipv6 ? aws_vpc.this.ipv6_cidr_block : null
}

output "zone_names" {
  description = "Names of the zones in use, sorted. The lists of subnets have the same order."
  value       = local.zones
}

output "public_subnet_ids" {
  description = "Subnets for load balancers, in the order of zone_names."
  value       = [for z in local.zones : aws_subnet.public[z].id]

  # What has public addresses comes after the gateway, and goes before it.
  depends_on = [aws_route.public_internet, aws_route_table_association.public]
}

output "private_subnet_ids" {
  description = "Subnets for services, in the order of zone_names."
  value       = [for z in local.zones : aws_subnet.private[z].id]

  # An instance that starts finds its routes and endpoints.
  depends_on = [
    aws_route.private_internet,
    aws_route_table_association.private,
    aws_vpc_endpoint.gateway,
    aws_vpc_endpoint.interface,
  ]
}

output "data_subnet_ids" {
  description = "Subnets for databases and caches, in the order of zone_names."
  value       = [for z in local.zones : aws_subnet.data[z].id]
}

output "public_subnet_cidrs" {
  description = "IPv4 ranges of the public subnets, in the order of zone_names."
  value       = [for z in local.zones : local.public_cidrs[z]]
}

output "private_subnet_cidrs" {
  description = "IPv4 ranges of the private subnets, in the order of zone_names."
  value       = [for z in local.zones : local.private_cidrs[z]]
}

output "data_subnet_cidrs" {
  description = "IPv4 ranges of the data subnets, in the order of zone_names."
  value       = [for z in local.zones : local.data_cidrs[z]]
}

output "public_route_table_id" {
  description = "Route table of the public subnets."
  value       = aws_route_table.public.id
}

output "private_route_table_ids" {
  description = "Route tables of the private subnets, one for each zone, in the order of zone_names."
  value       = [for z in local.zones : aws_route_table.private[z].id]
}

output "data_route_table_ids" {
  description = "Route tables of the data subnets: always one, which all of them share."
  value       = [aws_route_table.data.id]
}

output "route_table_ids" {
  description = "The tables of all tiers by keys known while planning (\"public\", \"private-ZONE\", \"data\"), as peering and vpn take them."
  value = merge(
    { public = aws_route_table.public.id, data = aws_route_table.data.id },
    { for z in local.zones : "private-${z}" => aws_route_table.private[z].id },
  )
}

output "nat_public_ips" {
  description = "Public addresses from which private subnets reach the internet; empty without nat."
  value       = [for z in local.nat_zones : aws_eip.nat[z].public_ip]
}

output "endpoint_security_group_id" {
  description = "Security group of the interface endpoints, without rules: connect clients to it on 443. Null without interface endpoints."
  value       = one(aws_security_group.endpoints[*].id)
}

output "gateway_prefix_list_ids" {
  description = "Prefix list of each gateway endpoint, by service: what egress rules name."
  value       = { for s in var.gateway_endpoints : s => aws_vpc_endpoint.gateway[s].prefix_list_id }
}

output "default_security_group_id" {
  description = "The VPC's default security group, which is empty."
  value       = aws_default_security_group.this.id
}
