locals {
  own_topic = coalesce(var.own_topic, var.topic_arn == null)
  topic_arn = local.own_topic ? one(aws_sns_topic.this[*].arn) : var.topic_arn
}

# Not encrypted with SNS's own key: CloudWatch may not use that, and alarms would be lost
# silently. What is in an alarm is no secret.
resource "aws_sns_topic" "this" {
  count = local.own_topic ? 1 : 0

  name = "${var.name}-alarms"
  tags = var.tags
}

resource "aws_sns_topic_subscription" "emails" {
  for_each = toset(var.emails)

  topic_arn = local.topic_arn
  protocol  = "email"
  endpoint  = each.value
}

# One metric, one threshold.
resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = merge(local.service_alarms, local.database_alarms, local.queue_alarms, local.function_alarms, local.cache_alarms, local.stream_alarms)

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = each.value.below ? "LessThanThreshold" : "GreaterThanOrEqualToThreshold"
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.periods

  # No data means that nothing happens: idle queues, parked services.
  treat_missing_data = "notBreaching"
  alarm_actions      = [local.topic_arn]
  ok_actions         = [local.topic_arn]
  tags               = var.tags
}

# Metrics put together.
resource "aws_cloudwatch_metric_alarm" "computed" {
  for_each = merge(local.error_alarms, local.count_alarms)

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.threshold
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.periods
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.topic_arn]
  ok_actions          = [local.topic_arn]
  tags                = var.tags

  metric_query {
    id          = "result"
    label       = each.value.label
    expression  = each.value.expression
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value.metrics

    content {
      id          = metric_query.key
      return_data = false

      metric {
        namespace   = each.value.namespace
        metric_name = metric_query.value
        dimensions  = each.value.dimensions
        period      = 60
        stat        = each.value.statistic
      }
    }
  }
}
