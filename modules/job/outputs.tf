# Names and ARNs are built, not read, so that they are known while planning; depends_on
# keeps the order.

output "security_group_id" {
  description = "Security group of the task, without rules."
  value       = aws_security_group.this.id
}

output "role_arn" {
  description = "ARN of the role that the task has; known while planning."
  value       = "${local.arn_prefix}:iam::${var.account_id}:role/${var.name}"
  depends_on  = [aws_iam_role.task]
}

output "execution_role_arn" {
  description = "ARN of the role that starts the task; known while planning."
  value       = "${local.arn_prefix}:iam::${var.account_id}:role/${var.name}-execution"
  depends_on  = [aws_iam_role.execution]
}

output "schedule_arn" {
  description = "ARN of the schedule; known while planning."
  value       = "${local.arn_prefix}:scheduler:${var.region}:${var.account_id}:schedule/default/${var.name}"
  depends_on  = [aws_scheduler_schedule.this]
}

output "task_definition_arn" {
  description = "ARN of the task definition with its revision."
  value       = aws_ecs_task_definition.this.arn
}

output "log_group_name" {
  description = "Log group of the job."
  value       = local.log_group
  depends_on  = [aws_cloudwatch_log_group.this]
}
