output "vpn_gateway_id" {
  description = "The VPC's side of the VPN."
  value       = aws_vpn_gateway.this.id
}

output "connection_id" {
  description = "Id of the connection."
  value       = aws_vpn_connection.this.id
}

output "tunnel_addresses" {
  description = "The two public addresses on AWS's side."
  value       = [aws_vpn_connection.this.tunnel1_address, aws_vpn_connection.this.tunnel2_address]
}

output "preshared_keys" {
  description = "The tunnels' keys, in the order of tunnel_addresses, for the other side's configuration."
  value       = [aws_vpn_connection.this.tunnel1_preshared_key, aws_vpn_connection.this.tunnel2_preshared_key]
  sensitive   = true
}
