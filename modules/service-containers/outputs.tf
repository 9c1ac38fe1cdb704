# Names and ARNs are built, not read, so that they are known while planning; depends_on
# keeps the order.

output "security_group_id" {
  description = "Security group of the tasks, without rules."
  value       = aws_security_group.this.id
}

output "role_arn" {
  description = "ARN of the role that the tasks have; known while planning."
  value       = "${local.arn_prefix}:iam::${var.account_id}:role/${var.name}"
  depends_on  = [aws_iam_role.task]
}

output "role_name" {
  description = "Name of the role that the tasks have."
  value       = var.name
  depends_on  = [aws_iam_role.task]
}

output "execution_role_arn" {
  description = "ARN of the role that starts the tasks; known while planning."
  value       = "${local.arn_prefix}:iam::${var.account_id}:role/${var.name}-execution"
  depends_on  = [aws_iam_role.execution]
}

output "service_name" {
  description = "Name of the ECS service: the module's name if the service scales itself, else with \"-fixed\"."
  value       = local.service_name
  depends_on  = [aws_ecs_service.fixed, aws_ecs_service.scaled]
}

output "task_definition_arn" {
  description = "ARN of the task definition with its revision."
  value       = aws_ecs_task_definition.this.arn
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
