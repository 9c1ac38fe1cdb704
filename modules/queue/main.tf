locals {
  suffix    = var.fifo ? ".fifo" : ""
  name      = "${var.name}${local.suffix}"
  dead_name = "${var.name}-dead${local.suffix}"

  # Built from names, so that both are known while planning.
  prefix   = "arn:${var.partition}:sqs:${var.region}:${var.account_id}:"
  arn      = "${local.prefix}${local.name}"
  dead_arn = "${local.prefix}${local.dead_name}"

  tls_only = {
    Sid       = "TlsOnly"
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action    = "sqs:*"
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }
}

resource "aws_sqs_queue" "this" {
  name       = local.name
  fifo_queue = var.fifo

  # High throughput: order and duplicates are a matter of each message group.
  content_based_deduplication = var.fifo
  deduplication_scope         = var.fifo ? "messageGroup" : null
  fifo_throughput_limit       = var.fifo ? "perMessageGroupId" : null

  visibility_timeout_seconds = var.visibility_seconds
  message_retention_seconds  = floor(var.retention_days * 86400)
  delay_seconds              = var.delay_seconds
  # Long polling: an idle reader asks three times a minute, not all the time.
  receive_wait_time_seconds = 20

  sqs_managed_sse_enabled = var.kms_key_arn == null ? true : null
  kms_master_key_id       = var.kms_key_arn

  redrive_policy = jsonencode({
    deadLetterTargetArn = local.dead_arn
    maxReceiveCount     = var.retries
  })

  tags = var.tags

  # SQS refuses a redrive policy that names a queue which is not there.
  depends_on = [aws_sqs_queue.dead]
}

resource "aws_sqs_queue" "dead" {
  name       = local.dead_name
  fifo_queue = var.fifo

  content_based_deduplication = var.fifo
  deduplication_scope         = var.fifo ? "messageGroup" : null
  fifo_throughput_limit       = var.fifo ? "perMessageGroupId" : null

  message_retention_seconds = 14 * 86400
  receive_wait_time_seconds = 20

  sqs_managed_sse_enabled = var.kms_key_arn == null ? true : null
  kms_master_key_id       = var.kms_key_arn

  tags = var.tags
}

# Apart from the queue: a publisher may depend on the queue and the policy on
# the publisher.
resource "aws_sqs_queue_policy" "this" {
  queue_url = aws_sqs_queue.this.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([merge(local.tls_only, { Resource = local.arn })], [
      for key, publisher in var.publishers : {
        Sid       = "Publisher${replace(title(replace(key, "/[^A-Za-z0-9]+/", " ")), " ", "")}"
        Effect    = "Allow"
        Principal = { Service = publisher.principal }
        Action    = "sqs:SendMessage"
        Resource  = local.arn
        Condition = {
          ArnLike      = { "aws:SourceArn" = publisher.source_arn }
          StringEquals = { "aws:SourceAccount" = var.account_id }
        }
      }
    ])
  })
}

resource "aws_sqs_queue_policy" "dead" {
  queue_url = aws_sqs_queue.dead.url

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [merge(local.tls_only, { Resource = local.dead_arn })]
  })
}
