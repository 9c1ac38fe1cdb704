# A bucket has one list of notifications: every part of it is here.
resource "aws_s3_bucket_notification" "this" {
  count = length(var.notifications) > 0 || var.eventbridge ? 1 : 0

  bucket      = aws_s3_bucket.this.id
  eventbridge = var.eventbridge

  dynamic "lambda_function" {
    for_each = { for key, notification in var.notifications : key => notification if notification.target == "function" }

    content {
      id                  = lambda_function.key
      lambda_function_arn = lambda_function.value.arn
      events              = lambda_function.value.events
      filter_prefix       = lambda_function.value.prefix
      filter_suffix       = lambda_function.value.suffix
    }
  }

  dynamic "queue" {
    for_each = { for key, notification in var.notifications : key => notification if notification.target == "queue" }

    content {
      id            = queue.key
      queue_arn     = queue.value.arn
      events        = queue.value.events
      filter_prefix = queue.value.prefix
      filter_suffix = queue.value.suffix
    }
  }

  dynamic "topic" {
    for_each = { for key, notification in var.notifications : key => notification if notification.target == "topic" }

    content {
      id            = topic.key
      topic_arn     = topic.value.arn
      events        = topic.value.events
      filter_prefix = topic.value.prefix
      filter_suffix = topic.value.suffix
    }
  }
}
