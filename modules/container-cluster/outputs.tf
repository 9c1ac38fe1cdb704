output "cluster_arn" {
  description = "ARN of the cluster; known while planning where region and account_id are given."
  value       = local.cluster_arn

  # Services name a capacity provider, which must belong to the cluster by then.
  depends_on = [aws_ecs_cluster_capacity_providers.this]
}

output "cluster_name" {
  description = "Name of the cluster."
  value       = var.name
  depends_on  = [aws_ecs_cluster_capacity_providers.this]
}

output "capacity_provider" {
  description = "Capacity provider of the instances; null with Fargate only."
  value       = local.instances ? "${var.name}-instances" : null
  depends_on  = [aws_ecs_cluster_capacity_providers.this]
}

output "security_group_id" {
  description = "Security group of the instances, without rules; null with Fargate only."
  value       = one(aws_security_group.this[*].id)
}

output "autoscaling_group_name" {
  description = "Auto Scaling group of the instances; null with Fargate only."
  value       = local.instances ? "${var.name}-cluster" : null
  depends_on  = [aws_autoscaling_group.this]
}
