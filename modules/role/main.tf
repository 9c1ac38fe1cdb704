locals {
  arn_prefix = "arn:${var.partition}"
  github     = "token.actions.githubusercontent.com"

  accounts = [for t in var.trusted : trimprefix(t, "account:") if startswith(t, "account:")]
  arns     = [for t in var.trusted : t if startswith(t, "arn:")]
  sso      = [for t in var.trusted : trimprefix(t, "sso:") if startswith(t, "sso:")]
  services = [for t in var.trusted : trimprefix(t, "service:") if startswith(t, "service:")]
  repos    = [for t in var.trusted : trimprefix(t, "github:") if startswith(t, "github:")]

  # What GitHub calls a workflow: "repo:ORG/REPO:ref:refs/heads/main". Without a ref, any
  # branch, tag and environment of the repository, but never another repository.
  subjects = [
    for r in local.repos : format("repo:%s:%s", split(":", r)[0],
      length(split(":", r)) == 1 ? "*"
      : can(regex("^(environment:|pull_request$)", join(":", slice(split(":", r), 1, length(split(":", r)))))) ? join(":", slice(split(":", r), 1, length(split(":", r))))
      : startswith(split(":", r)[1], "refs/") ? "ref:${split(":", r)[1]}"
      : "ref:refs/heads/${split(":", r)[1]}"
    )
  ]

  principals = concat([for a in local.accounts : "${local.arn_prefix}:iam::${a}:root"], local.arns)

  # Lists with a condition, because a conditional expression needs two values of one type.
  trust = concat(
    [
      for s in [{
        Sid       = "Principals"
        Effect    = "Allow"
        Action    = ["sts:AssumeRole", "sts:TagSession"]
        Principal = { AWS = local.principals }
      }] : s if length(local.principals) > 0
    ],
    [
      # A permission set is a role with a name of its own in each account.
      for s in [{
        Sid       = "PermissionSets"
        Effect    = "Allow"
        Action    = ["sts:AssumeRole"]
        Principal = { AWS = ["${local.arn_prefix}:iam::${var.account_id}:root"] }
        Condition = {
          ArnLike = {
            "aws:PrincipalArn" = [for g in local.sso : "${local.arn_prefix}:iam::${var.account_id}:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_${g}_????????????????"]
          }
        }
      }] : s if length(local.sso) > 0
    ],
    [
      for s in [{
        Sid       = "Services"
        Effect    = "Allow"
        Action    = ["sts:AssumeRole"]
        Principal = { Service = local.services }
      }] : s if length(local.services) > 0
    ],
    [
      for s in [{
        Sid       = "Workflows"
        Effect    = "Allow"
        Action    = ["sts:AssumeRoleWithWebIdentity"]
        Principal = { Federated = ["${local.arn_prefix}:iam::${var.account_id}:oidc-provider/${local.github}"] }
        Condition = {
          StringEquals = { "${local.github}:aud" = ["sts.amazonaws.com"] }
          StringLike   = { "${local.github}:sub" = local.subjects }
        }
      }] : s if length(local.repos) > 0
    ],
  )
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.github_provider ? 1 : 0

  url            = "https://${local.github}"
  client_id_list = ["sts.amazonaws.com"]
  tags           = var.tags
}

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "For ${join(", ", var.trusted)}"
  max_session_duration = var.session_hours * 3600
  permissions_boundary = var.boundary
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.trust
  })

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy" "statements" {
  count = length(var.statements) > 0 ? 1 : 0

  name = "statements"
  role = aws_iam_role.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for s in var.statements : merge(
        {
          Sid      = s.sid
          Effect   = "Allow"
          Action   = s.actions
          Resource = s.resources
        },
        length(s.conditions) == 0 ? {} : {
          Condition = {
            for test in distinct(s.conditions[*].test) : test => {
              for c in s.conditions : c.variable => c.values if c.test == test
            }
          }
        },
      )
    ]
  })
}
