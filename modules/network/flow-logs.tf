# Flow logs of the whole VPC, when asked for.

locals {
  flow_logs = var.flow_log_days > 0

  flow_log_group     = "/network/${var.name}/flow"
  flow_log_group_arn = var.account_id == null ? one(aws_cloudwatch_log_group.flow[*].arn) : "arn:aws:logs:${var.region}:${var.account_id}:log-group:${local.flow_log_group}"
}

resource "aws_cloudwatch_log_group" "flow" {
  count = local.flow_logs ? 1 : 0

  name              = local.flow_log_group
  retention_in_days = var.flow_log_days

  tags = merge(var.tags, { Name = "${var.name}-flow" })
}

resource "aws_iam_role" "flow" {
  count = local.flow_logs ? 1 : 0

  name        = "${var.name}-${var.region}-flow"
  description = "Lets VPC flow logs of ${var.name} write to their log group"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [merge(
      {
        Sid       = "FlowLogs"
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      },
      # No other account may make the service use this role.
      var.account_id == null ? {} : { Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } } },
    )]
  })

  tags = merge(var.tags, { Name = "${var.name}-flow" })
}

resource "aws_iam_role_policy" "flow" {
  count = local.flow_logs ? 1 : 0

  name = "write"
  role = aws_iam_role.flow[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Write"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = [local.flow_log_group_arn, "${local.flow_log_group_arn}:log-stream:*"]
      },
      {
        Sid      = "Find"
        Effect   = "Allow"
        Action   = "logs:DescribeLogGroups"
        Resource = "*"
      },
    ]
  })
}

resource "aws_flow_log" "this" {
  count = local.flow_logs ? 1 : 0

  vpc_id                   = aws_vpc.this.id
  traffic_type             = "ALL"
  log_destination_type     = "cloud-watch-logs"
  log_destination          = aws_cloudwatch_log_group.flow[0].arn
  iam_role_arn             = aws_iam_role.flow[0].arn
  max_aggregation_interval = 600

  tags = merge(var.tags, { Name = var.name })

  depends_on = [aws_iam_role_policy.flow]
}
