locals {
  arn_prefix = "arn:${var.partition}"
  group_arn  = "${local.arn_prefix}:scheduler:${var.region}:${var.account_id}:schedule-group/${var.name}"
  target     = "${local.arn_prefix}:scheduler:::aws-sdk:rds"

  # The actions of the AWS SDK that EventBridge Scheduler calls, with their arguments.
  databases = merge(
    {
      for key, id in var.clusters : "cluster-${key}" => {
        stop  = "stopDBCluster"
        start = "startDBCluster"
        input = jsonencode({ DbClusterIdentifier = id })
      }
    },
    {
      for key, id in var.instances : "instance-${key}" => {
        stop  = "stopDBInstance"
        start = "startDBInstance"
        input = jsonencode({ DbInstanceIdentifier = id })
      }
    },
  )

  stops = merge([
    for key, d in local.databases : {
      for i, expression in var.stop : "stop-${key}-${i}" => { action = d.stop, input = d.input, expression = expression }
    }
  ]...)

  starts = merge([
    for key, d in local.databases : {
      for i, expression in var.start : "start-${key}-${i}" => { action = d.start, input = d.input, expression = expression }
    }
  ]...)

  # AWS starts what has been stopped for seven days. Looking every hour is simpler and
  # surer than catching the event; stopping what is stopped is refused and costs nothing.
  holds = {
    for key, d in local.databases : "hold-${key}" => { action = d.stop, input = d.input, expression = "rate(1 hours)" }
  }
}

resource "aws_scheduler_schedule_group" "this" {
  name = var.name
  tags = var.tags
}

resource "aws_scheduler_schedule" "times" {
  for_each = merge(local.stops, local.starts)

  name                         = each.key
  group_name                   = aws_scheduler_schedule_group.this.name
  schedule_expression          = each.value.expression
  schedule_expression_timezone = var.time_zone

  # Parked by hand means parked until somebody says otherwise, not until the next morning.
  state = var.parked ? "DISABLED" : "ENABLED"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "${local.target}:${each.value.action}"
    input    = each.value.input
    role_arn = aws_iam_role.this.arn

    # A cluster that is being changed cannot be stopped: try for an hour.
    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 20
    }
  }

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_scheduler_schedule" "hold" {
  for_each = var.parked ? local.holds : {}

  name                         = each.key
  group_name                   = aws_scheduler_schedule_group.this.name
  schedule_expression          = each.value.expression
  schedule_expression_timezone = "UTC"
  state                        = "ENABLED"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "${local.target}:${each.value.action}"
    input    = each.value.input
    role_arn = aws_iam_role.this.arn

    # Mostly refused, because it is stopped already.
    retry_policy {
      maximum_event_age_in_seconds = 60
      maximum_retry_attempts       = 0
    }
  }

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_iam_role" "this" {
  name        = var.name
  description = "Stops and starts databases"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id, "aws:SourceArn" = local.group_arn } }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  count = length(local.databases) > 0 ? 1 : 0

  name = "databases"
  role = aws_iam_role.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        for s in [{
          Sid      = "Clusters"
          Effect   = "Allow"
          Action   = ["rds:StartDBCluster", "rds:StopDBCluster"]
          Resource = [for id in values(var.clusters) : "${local.arn_prefix}:rds:${var.region}:${var.account_id}:cluster:${id}"]
        }] : s if length(var.clusters) > 0
      ],
      [
        for s in [{
          Sid      = "Instances"
          Effect   = "Allow"
          Action   = ["rds:StartDBInstance", "rds:StopDBInstance"]
          Resource = [for id in values(var.instances) : "${local.arn_prefix}:rds:${var.region}:${var.account_id}:db:${id}"]
        }] : s if length(var.instances) > 0
      ],
    )
  })
}
