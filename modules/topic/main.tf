locals {
  name = "${var.name}${var.fifo ? ".fifo" : ""}"
  arn  = "arn:${var.partition}:sns:${var.region}:${var.account_id}:${local.name}"

  # The policy of the key alias/aws/sns lets the account's roles in, but no AWS
  # service: their messages would be lost without a word.
  key = var.kms_key_arn != null ? var.kms_key_arn : length(var.publishers) == 0 ? "alias/aws/sns" : null
}

resource "aws_sns_topic" "this" {
  name                        = local.name
  display_name                = var.display_name
  fifo_topic                  = var.fifo
  content_based_deduplication = var.fifo
  kms_master_key_id           = local.key
  tags                        = var.tags
}

# The right of roles in this account is in their own policies.
resource "aws_sns_topic_policy" "this" {
  arn = aws_sns_topic.this.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "sns:Publish"
        Resource  = local.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
      [for key, publisher in var.publishers : {
        Sid       = "Publisher${replace(title(replace(key, "/[^A-Za-z0-9]+/", " ")), " ", "")}"
        Effect    = "Allow"
        Principal = { Service = publisher.principal }
        Action    = "sns:Publish"
        Resource  = local.arn
        Condition = {
          ArnLike      = { "aws:SourceArn" = publisher.source_arn }
          StringEquals = { "aws:SourceAccount" = var.account_id }
        }
      }],
    )
  })
}

resource "aws_sns_topic_subscription" "this" {
  for_each = var.subscriptions

  topic_arn = aws_sns_topic.this.arn
  protocol  = each.value.protocol
  endpoint  = each.value.endpoint

  raw_message_delivery = coalesce(each.value.raw, each.value.protocol == "sqs")
  filter_policy        = each.value.filter
  filter_policy_scope  = each.value.filter == null ? null : each.value.filter_scope
  redrive_policy       = each.value.dead_letter_arn == null ? null : jsonencode({ deadLetterTargetArn = each.value.dead_letter_arn })

  lifecycle {
    precondition {
      condition     = !var.fifo || each.value.protocol == "sqs"
      error_message = "Only queues can subscribe to a FIFO topic: subscribe a queue and read from that, or set fifo = false."
    }
  }
}
