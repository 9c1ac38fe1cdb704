locals {
  log_group     = "/job/${var.name}"
  log_group_arn = "${local.arn_prefix}:logs:${var.region}:${var.account_id}:log-group:${local.log_group}"

  # A repository of ECR in this or another account: "ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG".
  repository      = try(regex("^([0-9]{12})\\.dkr\\.ecr\\.([a-z0-9-]+)\\.amazonaws\\.com(?:\\.cn)?/([^:@]+)", var.image), null)
  repository_arns = [for r in [local.repository] : "${local.arn_prefix}:ecr:${r[1]}:${r[0]}:repository/${r[2]}" if r != null]

  # Only ECS may take the roles, for tasks of this account.
  trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Condition = {
        ArnLike      = { "aws:SourceArn" = "${local.arn_prefix}:ecs:${var.region}:${var.account_id}:*" }
        StringEquals = { "aws:SourceAccount" = var.account_id }
      }
    }]
  })

  execution_statements = concat(
    [
      {
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${local.log_group_arn}:*"]
      },
    ],
    [
      for s in [
        {
          Sid      = "Login"
          Effect   = "Allow"
          Action   = ["ecr:GetAuthorizationToken"]
          Resource = ["*"]
        },
        {
          Sid      = "Image"
          Effect   = "Allow"
          Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
          Resource = local.repository_arns
        },
      ] : s if length(local.repository_arns) > 0
    ],
    [
      for s in [
        {
          # A secret's reference may name a key behind its ARN.
          Sid      = "Secrets"
          Effect   = "Allow"
          Action   = ["secretsmanager:GetSecretValue", "ssm:GetParameters"]
          Resource = distinct([for v in values(var.secrets) : join(":", slice(split(":", v), 0, min(length(split(":", v)), 7)))])
        },
      ] : s if length(var.secrets) > 0
    ],
    [
      for s in [
        {
          Sid      = "Keys"
          Effect   = "Allow"
          Action   = ["kms:Decrypt"]
          Resource = var.kms_key_arns
        },
      ] : s if length(var.kms_key_arns) > 0
    ],
  )
}

# What starts the container: image, logs, secrets. Not what runs in it.
resource "aws_iam_role" "execution" {
  name               = "${var.name}-execution"
  description        = "Starts the task of ${var.name}"
  assume_role_policy = local.trust
  tags               = var.tags
}

resource "aws_iam_role_policy" "execution" {
  name = "execution"
  role = aws_iam_role.execution.name

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.execution_statements
  })
}

resource "aws_iam_role" "task" {
  name               = var.name
  description        = "Task of ${var.name}"
  assume_role_policy = local.trust
  tags               = var.tags
}

resource "aws_iam_role_policy" "task" {
  count = length(var.statements) > 0 ? 1 : 0

  name = "statements"
  role = aws_iam_role.task.name

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

# What the scheduler does: start this task on this cluster, and hand it its roles.
resource "aws_iam_role" "schedule" {
  name        = "${var.name}-schedule"
  description = "Starts job ${var.name}"
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
  name = "run"
  role = aws_iam_role.schedule.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Run"
        Effect    = "Allow"
        Action    = ["ecs:RunTask"]
        Resource  = ["${local.arn_prefix}:ecs:${var.region}:${var.account_id}:task-definition/${var.name}:*"]
        Condition = { ArnEquals = { "ecs:cluster" = var.cluster_arn } }
      },
      {
        # The scheduler starts tasks with tags.
        Sid       = "Tag"
        Effect    = "Allow"
        Action    = ["ecs:TagResource"]
        Resource  = ["${local.arn_prefix}:ecs:${var.region}:${var.account_id}:task/*"]
        Condition = { StringEquals = { "ecs:CreateAction" = "RunTask" } }
      },
      {
        Sid       = "Roles"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = ["${local.arn_prefix}:iam::${var.account_id}:role/${var.name}", "${local.arn_prefix}:iam::${var.account_id}:role/${var.name}-execution"]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
    ]
  })
}
