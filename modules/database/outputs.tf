# Values built from names are known while planning; depends_on keeps whoever
# uses them behind the resource that they name.

output "kind" {
  description = "\"cluster\" for Aurora, \"instance\" for the others."
  value       = local.kind
}

output "identifier" {
  description = "Identifier of the cluster or the instance."
  value       = var.name
  depends_on  = [aws_rds_cluster.this, aws_rds_cluster_instance.this, aws_db_instance.this]
}

output "arn" {
  description = "ARN of the cluster or the instance."
  value       = local.arn
  depends_on  = [aws_rds_cluster.this, aws_rds_cluster_instance.this, aws_db_instance.this]
}

output "resource_id" {
  description = "What IAM statements on rds-db:connect name (\"cluster-…\" or \"db-…\"); known once created."
  value       = local.is_cluster ? one(aws_rds_cluster.this[*].cluster_resource_id) : one(aws_db_instance.this[*].resource_id)
}

output "connect_arn" {
  description = "Prefix of the ARNs that rds-db:connect needs: append \"/USER\"; known once created."
  value       = "arn:${var.partition}:rds-db:${var.region}:${var.account_id}:dbuser:${local.is_cluster ? one(aws_rds_cluster.this[*].cluster_resource_id) : one(aws_db_instance.this[*].resource_id)}"
}

output "endpoint" {
  description = "Host name for reading and writing."
  value       = local.is_cluster ? one(aws_rds_cluster.this[*].endpoint) : one(aws_db_instance.this[*].address)
  depends_on  = [aws_rds_cluster_instance.this]
}

output "reader_endpoint" {
  description = "Host name for reading: the readers in turn, or the endpoint where there are none."
  value       = !local.is_cluster ? one(aws_db_instance.this[*].address) : var.readers > 0 ? one(aws_rds_cluster.this[*].reader_endpoint) : one(aws_rds_cluster.this[*].endpoint)
  depends_on  = [aws_rds_cluster_instance.this]
}

output "port" {
  description = "Port of both endpoints."
  value       = local.port
}

output "security_group_id" {
  description = "Security group of the instances; it has no rules of its own."
  value       = aws_security_group.this.id
}

output "secret_arn" {
  description = "Secret with the main user's name and password (JSON: username, password); known once created."
  value       = local.is_cluster ? one(flatten(aws_rds_cluster.this[*].master_user_secret[*].secret_arn)) : one(flatten(aws_db_instance.this[*].master_user_secret[*].secret_arn))
}

output "database" {
  description = "Name of the database inside."
  value       = var.restore == null ? var.database : local.is_cluster ? one(aws_rds_cluster.this[*].database_name) : one(aws_db_instance.this[*].db_name)
}

output "username" {
  description = "Name of the main user."
  value       = var.restore == null ? var.username : local.is_cluster ? one(aws_rds_cluster.this[*].master_username) : one(aws_db_instance.this[*].username)
}

output "engine_family" {
  description = "\"mysql\" (MariaDB too) or \"postgres\": the protocol that clients speak."
  value       = local.family
}

output "log_group_names" {
  description = "Log groups in CloudWatch, by log."
  value       = { for log, group in aws_cloudwatch_log_group.this : log => group.name }
}
