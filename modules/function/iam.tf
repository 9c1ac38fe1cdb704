resource "aws_iam_role" "this" {
  name        = var.name
  description = "Function ${var.name}"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

locals {
  interface_actions = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
  ]

  base = [
    {
      Sid      = "Logs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["${local.arn_prefix}:logs:${var.region}:${var.account_id}:log-group:${local.log_group}:*"]
    },
    {
      Sid      = "DeadLetters"
      Effect   = "Allow"
      Action   = ["sqs:SendMessage"]
      Resource = [local.dead_letter]
    },
  ]

  inside = [
    {
      # Lambda makes the interfaces; the actions know no resources at that time.
      Sid      = "Interfaces"
      Effect   = "Allow"
      Action   = local.interface_actions
      Resource = ["*"]
    },
  ]

  # The code runs with the same role, but has no business with interfaces.
  inside_denied = [
    {
      Sid       = "InterfacesNotForTheCode"
      Effect    = "Deny"
      Action    = local.interface_actions
      Resource  = ["*"]
      Condition = { ArnEquals = { "lambda:SourceFunctionArn" = [local.function_arn] } }
    },
  ]

  queues = [
    {
      Sid      = "Queues"
      Effect   = "Allow"
      Action   = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
      Resource = values(var.queues)[*].arn
    },
  ]

  stream_names = { for key, s in var.streams : key => element(split(":cluster/", s.arn), 1) }
  kafka_arn    = "${local.arn_prefix}:kafka:${var.region}:${var.account_id}"

  streams = [
    {
      Sid      = "Clusters"
      Effect   = "Allow"
      Action   = ["kafka-cluster:Connect", "kafka-cluster:DescribeCluster", "kafka-cluster:DescribeClusterDynamicConfiguration", "kafka:DescribeCluster", "kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers"]
      Resource = values(var.streams)[*].arn
    },
    {
      Sid      = "Topics"
      Effect   = "Allow"
      Action   = ["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"]
      Resource = flatten([for key, s in var.streams : [for t in s.topics : "${local.kafka_arn}:topic/${local.stream_names[key]}/${t}"]])
    },
    {
      Sid      = "ConsumerGroups"
      Effect   = "Allow"
      Action   = ["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"]
      Resource = [for key, s in var.streams : "${local.kafka_arn}:group/${local.stream_names[key]}/${var.name}-${key}"]
    },
    {
      # Lambda's pollers sit in the cluster's subnets; these actions know no resources.
      Sid      = "Pollers"
      Effect   = "Allow"
      Action   = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"]
      Resource = ["*"]
    },
  ]
}

# What Lambda itself needs to run the function.
resource "aws_iam_role_policy" "base" {
  name = "base"
  role = aws_iam_role.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      local.base,
      [for s in local.inside : s if var.inside],
      [for s in local.inside_denied : s if var.inside],
      [for s in local.queues : s if length(var.queues) > 0],
      [for s in local.streams : s if length(var.streams) > 0],
    )
  })
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
