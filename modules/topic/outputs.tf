# Values built from names are known while planning; depends_on keeps whoever
# uses them behind the resource that they name.

output "arn" {
  description = "ARN of the topic."
  value       = local.arn
  # The policy too: S3 checks that it may publish before it takes a notification.
  depends_on = [aws_sns_topic.this, aws_sns_topic_policy.this]
}

output "topic_name" {
  description = "Name of the topic, with \".fifo\" if it is one."
  value       = local.name
  depends_on  = [aws_sns_topic.this]
}

output "subscription_arns" {
  description = "ARNs of the subscriptions, by name; known once created."
  value       = { for key, subscription in aws_sns_topic_subscription.this : key => subscription.arn }
}
