locals {
  prefix = "arn:${var.partition}:secretsmanager:${var.region}:${var.account_id}:secret:${var.name}"
}

# No version: the value never passes through Terraform, its plans or its state.
resource "aws_secretsmanager_secret" "this" {
  name                    = var.name
  description             = var.description
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.protect ? 30 : 0
  tags                    = var.tags
}
