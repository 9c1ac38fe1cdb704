output "arn" {
  description = "ARN of the cluster; it ends with a UUID, so it is known once created."
  value       = aws_msk_cluster.this.arn
}

output "cluster_name" {
  description = "Name of the cluster."
  value       = var.name
  depends_on  = [aws_msk_cluster.this]
}

output "cluster_uuid" {
  description = "UUID in the ARNs of the cluster, its topics and groups; known once created."
  value       = aws_msk_cluster.this.cluster_uuid
}

output "arn_pattern" {
  description = "ARN of the cluster with \"*\" for the UUID: for IAM statements, which then are complete in a plan."
  value       = "${local.prefix}cluster/${var.name}/*"
}

output "topic_arn_pattern" {
  description = "ARN of every topic of the cluster, likewise."
  value       = "${local.prefix}topic/${var.name}/*"
}

output "group_arn_pattern" {
  description = "ARN of every consumer group of the cluster, likewise."
  value       = "${local.prefix}group/${var.name}/*"
}

output "bootstrap_brokers" {
  description = "Brokers to connect to first (host:port, divided by commas), with TLS and IAM; known once created."
  value       = aws_msk_cluster.this.bootstrap_brokers_sasl_iam
}

output "security_group_id" {
  description = "Security group of the brokers; it has no rules of its own."
  value       = aws_security_group.this.id
}

output "port" {
  description = "Port of the brokers for TLS with IAM."
  value       = 9098
}

output "log_group_name" {
  description = "Log group of the brokers."
  value       = aws_cloudwatch_log_group.this.name
}
