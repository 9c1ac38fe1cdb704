# Names and ARNs are built, not read, so that they are known while planning; depends_on
# keeps the order.

output "security_group_id" {
  description = "Security group of the instances, without rules."
  value       = aws_security_group.this.id
}

output "role_arn" {
  description = "ARN of the instances' role; known while planning."
  value       = "${local.arn_prefix}:iam::${var.account_id}:role/${var.name}"
  depends_on  = [aws_iam_role.this]
}

output "role_name" {
  description = "Name of the instances' role."
  value       = var.name
  depends_on  = [aws_iam_role.this]
}

output "autoscaling_group_name" {
  description = "Name of the Auto Scaling group."
  value       = var.name
  depends_on  = [aws_autoscaling_group.this]
}

output "target_group_arn" {
  description = "ARN of the target group of the public load balancer, else of the first one; null without load balancers."
  value       = local.main_load_balancer == null ? null : aws_lb_target_group.this[local.main_load_balancer].arn
}

output "target_group_arn_suffix" {
  description = "The part of target_group_arn that metrics have as a dimension."
  value       = local.main_load_balancer == null ? null : aws_lb_target_group.this[local.main_load_balancer].arn_suffix
}

output "target_group_arn_suffixes" {
  description = "As target_group_arn_suffix, for each key of load_balancers."
  value       = { for key, group in aws_lb_target_group.this : key => group.arn_suffix }
}

output "log_group_name" {
  description = "Log group of the service."
  value       = local.log_group
  depends_on  = [aws_cloudwatch_log_group.this]
}

output "parameter_prefix" {
  description = "Path of the settings in Parameter Store."
  value       = var.parameter_prefix
}
