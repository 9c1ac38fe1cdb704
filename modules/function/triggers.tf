resource "aws_lambda_event_source_mapping" "queues" {
  for_each = var.queues

  function_name           = aws_lambda_function.this.function_name
  event_source_arn        = each.value.arn
  batch_size              = each.value.batch
  enabled                 = local.enabled
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.tags

  dynamic "scaling_config" {
    for_each = each.value.concurrency == null ? [] : [each.value.concurrency]

    content {
      maximum_concurrency = scaling_config.value
    }
  }

  depends_on = [aws_iam_role_policy.base, aws_iam_role_policy.statements]
}

resource "aws_lambda_event_source_mapping" "streams" {
  for_each = var.streams

  function_name     = aws_lambda_function.this.function_name
  event_source_arn  = each.value.arn
  topics            = each.value.topics
  starting_position = each.value.starting_position
  batch_size        = each.value.batch
  enabled           = local.enabled
  tags              = var.tags

  amazon_managed_kafka_event_source_config {
    consumer_group_id = "${var.name}-${each.key}"
  }

  depends_on = [aws_iam_role_policy.base, aws_iam_role_policy.statements]
}

resource "aws_lambda_permission" "invokers" {
  for_each = var.invokers

  statement_id  = each.key
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this.function_name
  principal     = each.value.principal
  source_arn    = each.value.source_arn

  # A bucket's ARN does not say whose it is.
  source_account = each.value.principal == "s3.amazonaws.com" ? var.account_id : null
}

resource "aws_scheduler_schedule" "this" {
  for_each = var.schedules

  name                         = "${var.name}-${each.key}"
  description                  = "Runs ${var.name}"
  group_name                   = "default"
  schedule_expression          = each.value
  schedule_expression_timezone = var.time_zone
  state                        = local.schedule_state

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.this.arn
    role_arn = aws_iam_role.schedule[0].arn

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 10
    }
  }

  depends_on = [aws_iam_role_policy.schedule, aws_iam_role_policy.statements]
}

resource "aws_iam_role" "schedule" {
  count = length(var.schedules) > 0 ? 1 : 0

  name        = "${var.name}-schedule"
  description = "Schedules of ${var.name}"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "schedule" {
  count = length(var.schedules) > 0 ? 1 : 0

  name = "invoke"
  role = aws_iam_role.schedule[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Invoke"
      Effect   = "Allow"
      Action   = ["lambda:InvokeFunction"]
      Resource = [local.function_arn]
    }]
  })
}
