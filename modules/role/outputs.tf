output "arn" {
  description = "ARN of the role; known while planning."
  value       = "${local.arn_prefix}:iam::${var.account_id}:role/${var.name}"
  depends_on  = [aws_iam_role.this]
}

output "name" {
  description = "Name of the role."
  value       = var.name
  depends_on  = [aws_iam_role.this]
}
