output "schedule_group" {
  description = "Name of the group that the schedules are in."
  value       = var.name
  depends_on  = [aws_scheduler_schedule_group.this]
}

output "role_arn" {
  description = "ARN of the role that stops and starts; known while planning."
  value       = "${local.arn_prefix}:iam::${var.account_id}:role/${var.name}"
  depends_on  = [aws_iam_role.this]
}
