locals {
  arn_prefix     = "arn:${var.partition}"
  function_arn   = "${local.arn_prefix}:lambda:${var.region}:${var.account_id}:function:${var.name}"
  log_group      = "/aws/lambda/${var.name}"
  dead_letters   = "${var.name}-dead-letters"
  dead_letter    = "${local.arn_prefix}:sqs:${var.region}:${var.account_id}:${local.dead_letters}"
  tags           = merge(var.tags, { Name = var.name })
  enabled        = !var.parked
  schedule_state = var.parked ? "DISABLED" : "ENABLED"
}

resource "aws_lambda_function" "this" {
  function_name                  = var.name
  description                    = "Function ${var.name}"
  role                           = aws_iam_role.this.arn
  filename                       = var.package
  source_code_hash               = var.package_hash
  package_type                   = "Zip"
  handler                        = var.handler
  runtime                        = var.runtime
  architectures                  = [var.architecture]
  layers                         = var.layers
  memory_size                    = var.memory
  timeout                        = var.timeout
  reserved_concurrent_executions = var.reserved
  tags                           = local.tags

  dynamic "environment" {
    for_each = length(var.settings) > 0 ? [true] : []

    content {
      variables = var.settings
    }
  }

  dynamic "vpc_config" {
    for_each = var.inside ? [true] : []

    content {
      subnet_ids         = var.subnet_ids
      security_group_ids = aws_security_group.this[*].id
    }
  }

  # For events that failed three times.
  dead_letter_config {
    target_arn = local.dead_letter
  }

  tracing_config {
    mode = "PassThrough"
  }

  # Lambda checks the role for what it needs itself when the function is made. What the
  # code may do (the statements) can come later, which lets two functions call each other.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.base, aws_sqs_queue.dead_letters]

  lifecycle {
    precondition {
      condition     = !var.inside || length(var.subnet_ids) > 0
      error_message = "${var.name} is to run inside a VPC: set vpc_id and subnet_ids."
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = local.log_group
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

# Rules come from outside, one module for each edge.
resource "aws_security_group" "this" {
  count = var.inside ? 1 : 0

  name        = var.name
  description = "Function ${var.name}"
  vpc_id      = var.vpc_id
  tags        = local.tags
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = local.dead_letters
  message_retention_seconds = 14 * 24 * 3600
  sqs_managed_sse_enabled   = true
  tags                      = var.tags
}

resource "aws_sqs_queue_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = local.dead_letter
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
