locals {
  session_arn  = "${local.arn_prefix}:ssm:${var.region}:${var.account_id}:session/*"
  document_arn = "${local.arn_prefix}:ssm:${var.region}::document/AWS-StartPortForwardingSessionToRemoteHost"

  # A permission set is a role with a name of its own in each account.
  permission_set = startswith(var.group, "sso:") ? "${local.arn_prefix}:iam::${var.account_id}:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_${trimprefix(var.group, "sso:")}_????????????????" : null

  conditions = merge(
    { for c in [var.allow_cidrs] : "IpAddress" => { "aws:SourceIp" = c } if length(c) > 0 },
    { for p in [local.permission_set] : "ArnLike" => { "aws:PrincipalArn" = [p] } if p != null },
  )

  trust = merge(
    {
      Sid       = "People"
      Effect    = "Allow"
      Action    = ["sts:AssumeRole"]
      Principal = { AWS = [startswith(var.group, "arn:") ? var.group : "${local.arn_prefix}:iam::${var.account_id}:root"] }
    },
    { for c in [local.conditions] : "Condition" => c if length(c) > 0 },
  )
}

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "Tunnels through ${local.bastion_name}, for ${var.group}"
  max_session_duration = var.session_hours * 3600
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [local.trust]
  })
}

resource "aws_iam_role_policy" "tunnels" {
  name = "tunnels"
  role = aws_iam_role.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # The bastion has another id whenever it comes back, but one name: whoever parks an
        # environment need not be able to change rights.
        Sid      = "Start"
        Effect   = "Allow"
        Action   = ["ssm:StartSession"]
        Resource = ["${local.arn_prefix}:ec2:${var.region}:${var.account_id}:instance/*"]
        Condition = {
          StringEquals = { "ssm:resourceTag/Name" = [local.bastion_name] }
          BoolIfExists = { "ssm:SessionDocumentAccessCheck" = ["true"] }
        }
      },
      {
        # Forwarding only: with this condition, the document must be named and allowed, so
        # that the default one, a shell, is out of reach.
        Sid       = "Forward"
        Effect    = "Allow"
        Action    = ["ssm:StartSession"]
        Resource  = [local.document_arn]
        Condition = { BoolIfExists = { "ssm:SessionDocumentAccessCheck" = ["true"] } }
      },
      {
        # One's own sessions: Systems Manager tags each with who started it.
        Sid       = "End"
        Effect    = "Allow"
        Action    = ["ssm:ResumeSession", "ssm:TerminateSession"]
        Resource  = [local.session_arn]
        Condition = { StringEquals = { "ssm:resourceTag/aws:ssmmessages:session-id" = ["$${aws:userid}"] } }
      },
      {
        # Finding the bastion, and whether its agent is there; these actions know no resources.
        Sid      = "Find"
        Effect   = "Allow"
        Action   = ["ec2:DescribeInstances", "ssm:DescribeInstanceInformation", "ssm:DescribeSessions"]
        Resource = ["*"]
      },
    ]
  })
}

resource "aws_iam_role" "bastion" {
  name        = local.bastion_name
  description = "Bastion ${local.bastion_name}"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_instance_profile" "bastion" {
  name = local.bastion_name
  role = aws_iam_role.bastion.name
  tags = var.tags
}

resource "aws_iam_role_policy" "bastion" {
  name = "base"
  role = aws_iam_role.bastion.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      # The agent's, and nothing else; these actions know no resources.
      Sid    = "SystemsManager"
      Effect = "Allow"
      Action = [
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
      ]
      Resource = ["*"]
    }]
  })
}
