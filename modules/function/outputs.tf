# Names and ARNs are built, not read, so that they are known while planning; depends_on
# keeps the order.

output "arn" {
  description = "ARN of the function; known while planning. It is there for callers once their permissions are."
  value       = local.function_arn
  depends_on  = [aws_lambda_function.this, aws_lambda_permission.invokers]
}

output "function_name" {
  description = "Name of the function."
  value       = var.name
  depends_on  = [aws_lambda_function.this]
}

output "invoke_arn" {
  description = "What an API Gateway calls; known while planning."
  value       = "${local.arn_prefix}:apigateway:${var.region}:lambda:path/2015-03-31/functions/${local.function_arn}/invocations"
  depends_on  = [aws_lambda_function.this]
}

output "role_arn" {
  description = "ARN of the function's role; known while planning."
  value       = "${local.arn_prefix}:iam::${var.account_id}:role/${var.name}"
  depends_on  = [aws_iam_role.this]
}

output "role_name" {
  description = "Name of the function's role."
  value       = var.name
  depends_on  = [aws_iam_role.this]
}

output "security_group_id" {
  description = "Security group of the function, without rules; null unless inside."
  value       = one(aws_security_group.this[*].id)
}

output "log_group_name" {
  description = "Log group of the function."
  value       = local.log_group
  depends_on  = [aws_cloudwatch_log_group.this]
}

output "dead_letter_queue_name" {
  description = "Queue of events that failed."
  value       = local.dead_letters
  depends_on  = [aws_sqs_queue.dead_letters]
}
