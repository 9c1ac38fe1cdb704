output "arn" {
  description = "ARN of the secret; it ends with six random characters, so it is known once created."
  value       = aws_secretsmanager_secret.this.arn
}

output "arn_pattern" {
  description = "The ARN with \"??????\" for the random characters: for IAM statements, which then are complete in a plan. It matches no other secret."
  value       = "${local.prefix}-??????"
}

output "secret_name" {
  description = "Name of the secret."
  value       = var.name
  depends_on  = [aws_secretsmanager_secret.this]
}
