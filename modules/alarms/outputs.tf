output "topic_arn" {
  description = "ARN of the topic that is told."
  value       = local.topic_arn
}

output "alarm_names" {
  description = "Names of all alarms; known while planning."
  value       = sort(concat(values(aws_cloudwatch_metric_alarm.this)[*].alarm_name, values(aws_cloudwatch_metric_alarm.computed)[*].alarm_name))
}
