# Values built from names are known while planning; depends_on keeps whoever
# uses them behind the resource that they name.

output "arn" {
  description = "ARN of the queue."
  value       = local.arn
  # The policy too: S3 checks that it may send before it takes a notification.
  depends_on = [aws_sqs_queue.this, aws_sqs_queue_policy.this]
}

output "url" {
  description = "URL that the SDKs want; known once created."
  value       = aws_sqs_queue.this.url
}

output "queue_name" {
  description = "Name of the queue, with \".fifo\" if it is one."
  value       = local.name
  depends_on  = [aws_sqs_queue.this]
}

output "dead_letter_arn" {
  description = "ARN of the dead-letter queue."
  value       = local.dead_arn
  depends_on  = [aws_sqs_queue.dead]
}

output "dead_letter_url" {
  description = "URL of the dead-letter queue; known once created."
  value       = aws_sqs_queue.dead.url
}

output "dead_letter_queue_name" {
  description = "Name of the dead-letter queue."
  value       = local.dead_name
  depends_on  = [aws_sqs_queue.dead]
}
