locals {
  mail_from    = "${var.mail_from}.${var.domain}"
  identity_arn = "arn:${var.partition}:ses:${var.region}:${var.account_id}:identity/${var.domain}"
  set_arn      = "arn:${var.partition}:ses:${var.region}:${var.account_id}:configuration-set/${var.name}"
  topic_name   = "${var.name}-mail-events"
  topic_arn    = "arn:${var.partition}:sns:${var.region}:${var.account_id}:${local.topic_name}"
}

resource "aws_sesv2_email_identity" "this" {
  email_identity         = var.domain
  configuration_set_name = aws_sesv2_configuration_set.this.configuration_set_name
  tags                   = var.tags

  dkim_signing_attributes {
    next_signing_key_length = "RSA_2048_BIT"
  }
}

resource "aws_sesv2_email_identity_mail_from_attributes" "this" {
  email_identity   = aws_sesv2_email_identity.this.email_identity
  mail_from_domain = local.mail_from
  # A missing record must not send mail that receivers take for a forgery's.
  behavior_on_mx_failure = "REJECT_MESSAGE"

  # The record first, so that SES finds it when it looks.
  depends_on = [aws_route53_record.mail_from_mx]
}

resource "aws_sesv2_configuration_set" "this" {
  configuration_set_name = var.name
  tags                   = var.tags

  delivery_options {
    tls_policy = "REQUIRE"
  }

  reputation_options {
    reputation_metrics_enabled = true
  }

  sending_options {
    sending_enabled = true
  }

  # Who bounced or complained is not written to again: that is what SES judges
  # an account by.
  suppression_options {
    suppressed_reasons = ["BOUNCE", "COMPLAINT"]
  }
}

resource "aws_sesv2_configuration_set_event_destination" "this" {
  configuration_set_name = aws_sesv2_configuration_set.this.configuration_set_name
  event_destination_name = "events"

  event_destination {
    enabled              = true
    matching_event_types = ["BOUNCE", "COMPLAINT", "REJECT", "RENDERING_FAILURE"]

    sns_destination {
      topic_arn = aws_sns_topic.events.arn
    }
  }

  # SES sends a test message when it is made.
  depends_on = [aws_sns_topic_policy.events]
}

resource "aws_sns_topic" "events" {
  name              = local.topic_name
  kms_master_key_id = var.kms_key_arn
  tags              = var.tags
}

resource "aws_sns_topic_policy" "events" {
  arn = aws_sns_topic.events.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "sns:Publish"
        Resource  = local.topic_arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "Ses"
        Effect    = "Allow"
        Principal = { Service = "ses.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = local.topic_arn
        Condition = {
          StringEquals = { "aws:SourceAccount" = var.account_id }
          ArnLike      = { "aws:SourceArn" = local.set_arn }
        }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "emails" {
  for_each = var.emails

  topic_arn = aws_sns_topic.events.arn
  protocol  = "email"
  endpoint  = each.key
}
