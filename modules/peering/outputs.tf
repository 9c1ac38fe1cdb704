output "peering_connection_id" {
  description = "Id of the peering, once it is active."
  value       = aws_vpc_peering_connection_accepter.this.id
}
