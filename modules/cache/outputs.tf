output "primary_endpoint" {
  description = "Host name for reading and writing; the configuration endpoint of a cluster. TLS only."
  value       = local.is_cluster ? aws_elasticache_replication_group.this.configuration_endpoint_address : aws_elasticache_replication_group.this.primary_endpoint_address
}

output "reader_endpoint" {
  description = "Host name for reading: the replicas in turn; the configuration endpoint of a cluster."
  value       = local.is_cluster ? aws_elasticache_replication_group.this.configuration_endpoint_address : aws_elasticache_replication_group.this.reader_endpoint_address
}

output "port" {
  description = "Port of the endpoints."
  value       = var.port
}

output "security_group_id" {
  description = "Security group of the nodes; it has no rules of its own."
  value       = aws_security_group.this.id
}

output "arn" {
  description = "ARN of the cache (a replication group); known while planning if region and account_id are given."
  value       = local.arn
  depends_on  = [aws_elasticache_replication_group.this]
}

output "identifier" {
  description = "Identifier of the replication group."
  value       = var.name
  depends_on  = [aws_elasticache_replication_group.this]
}

output "member_identifiers" {
  description = "Identifiers of the nodes, as metrics name them; known once created."
  value       = aws_elasticache_replication_group.this.member_clusters
}
