# What operations of a platform need: deploy, as a pipeline does it; the others as the
# command line of Groma carries them out, which compares everything with AWS first.
# Wherever AWS knows a resource before it exists, its ARN is written out; where the id is
# AWS's own, tags tell what belongs to the environment.

locals {
  o     = var.operations
  may   = sort(local.o.may)
  works = length(setintersection(local.may, ["park", "resume", "scale"])) > 0
  looks = local.works || contains(local.may, "status")
  parks = length(setintersection(local.may, ["park", "resume"])) > 0

  place  = "${local.o.region}:${var.account_id}"
  prefix = "${local.o.platform}-${local.o.environment}"

  groups = [
    for g in sort(local.o.groups) : "${local.arn_prefix}:autoscaling:${local.place}:autoScalingGroup:*:autoScalingGroupName/${g}"
  ]
  containers = [
    for s in sort(keys(local.o.services)) : "${local.arn_prefix}:ecs:${local.place}:service/${local.o.services[s]}/${s}"
  ]
  functions  = [for f in sort(local.o.functions) : "${local.arn_prefix}:lambda:${local.place}:function:${f}"]
  parameters = [for p in sort(local.o.parameters) : "${local.arn_prefix}:ssm:${local.place}:parameter${p}/*"]
  databases = concat(
    [for d in sort(local.o.clusters) : "${local.arn_prefix}:rds:${local.place}:cluster:${d}"],
    [for d in sort(local.o.databases) : "${local.arn_prefix}:rds:${local.place}:db:${d}"],
  )
  schedules = [for s in sort(keys(local.o.schedules)) : "${local.arn_prefix}:scheduler:${local.place}:schedule/${s}"]
  handed    = [for r in sort(distinct(values(local.o.schedules))) : "${local.arn_prefix}:iam::${var.account_id}:role/${r}"]
  bastions  = [for b in sort(local.o.bastions) : "${local.arn_prefix}:iam::${var.account_id}:role/${b}"]
  bucket    = try(local.o.states.bucket, "")
  written   = sort(try(local.o.states.write, []))
  read      = sort(setunion(try(local.o.states.read, []), local.written))
  alarms    = ["${local.arn_prefix}:cloudwatch:${local.place}:alarm:${local.prefix}-*"]

  # What is of this environment, or of the network that it is in, has one of these tags.
  owners = concat(["environment"], [for n in [local.o.network] : "network" if n != null])
  owned = {
    for o in local.owners : o => {
      "aws:ResourceTag/groma:platform" = [local.o.platform]
      "aws:ResourceTag/groma:${o}"     = [o == "network" ? local.o.network : local.o.environment]
    }
  }
  asked = {
    for o in local.owners : o => {
      "aws:RequestTag/groma:platform" = [local.o.platform]
      "aws:RequestTag/groma:${o}"     = [o == "network" ? local.o.network : local.o.environment]
    }
  }
  ec2 = "${local.arn_prefix}:ec2:${local.place}"

  # Reading knows few resources: it ends at values, of objects, secrets and queues.
  look = [
    "acm:DescribeCertificate",
    "acm:ListTagsForCertificate",
    "application-autoscaling:Describe*",
    "application-autoscaling:ListTagsForResource",
    "autoscaling:Describe*",
    "cloudfront:GetDistribution",
    "cloudfront:GetOriginAccessControl",
    "cloudfront:ListTagsForResource",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:ListTagsForResource",
    "ec2:Describe*",
    "ec2:GetManagedPrefixListEntries",
    "ecr:DescribeRepositories",
    "ecr:GetLifecyclePolicy",
    "ecr:GetRepositoryPolicy",
    "ecr:ListTagsForResource",
    "ecs:Describe*",
    "ecs:ListTagsForResource",
    "elasticache:Describe*",
    "elasticache:ListTagsForResource",
    "elasticloadbalancing:Describe*",
    "iam:GetInstanceProfile",
    "iam:GetOpenIDConnectProvider",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "kafka:Describe*",
    "kafka:GetBootstrapBrokers",
    "kafka:ListTagsForResource",
    "lambda:GetEventSourceMapping",
    "lambda:GetFunction*",
    "lambda:GetPolicy",
    "lambda:GetRuntimeManagementConfig",
    "lambda:ListTags",
    "lambda:ListVersionsByFunction",
    "logs:DescribeLogGroups",
    "logs:ListTagsForResource",
    "network-firewall:Describe*",
    "network-firewall:ListTagsForResource",
    "organizations:Describe*",
    "organizations:List*",
    "ram:GetResourceShareAssociations",
    "ram:GetResourceShares",
    "ram:ListResourceSharePermissions",
    "rds:Describe*",
    "rds:ListTagsForResource",
    "route53:GetHostedZone",
    "route53:ListHostedZones",
    "route53:ListHostedZonesByVPC",
    "route53:ListResourceRecordSets",
    "route53:ListTagsForResource",
    "s3:GetAccelerateConfiguration",
    "s3:GetBucket*",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "scheduler:GetSchedule",
    "scheduler:GetScheduleGroup",
    "scheduler:ListTagsForResource",
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetResourcePolicy",
    "ses:GetConfigurationSet",
    "ses:GetConfigurationSetEventDestinations",
    "ses:GetEmailIdentity",
    "ses:ListTagsForResource",
    "sns:GetSubscriptionAttributes",
    "sns:GetTopicAttributes",
    "sns:ListTagsForResource",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ListQueueTags",
    "ssm:DescribeParameters",
    "ssm:ListTagsForResource",
    "tag:GetResources",
    "wafv2:GetIPSet",
    "wafv2:GetLoggingConfiguration",
    "wafv2:GetWebACL",
    "wafv2:GetWebACLForResource",
    "wafv2:ListTagsForResource",
  ]

  # Each is left out unless its operation is wanted and has something to work on.
  operations = [
    for s in concat(
      [
        {
          when      = contains(local.may, "deploy") && length(local.o.registries) > 0
          sid       = "RegistryLogin" # knows no resources
          actions   = ["ecr:GetAuthorizationToken"]
          resources = ["*"]
        },
        {
          when = contains(local.may, "deploy") && length(local.o.registries) > 0
          sid  = "PushImages"
          actions = [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:CompleteLayerUpload",
            "ecr:DescribeImages",
            "ecr:GetDownloadUrlForLayer",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
          ]
          resources = sort(local.o.registries)
        },
        {
          when      = contains(local.may, "deploy") && length(local.containers) > 0
          sid       = "RollContainers"
          actions   = ["ecs:DescribeServices", "ecs:UpdateService"]
          resources = local.containers
        },
        {
          when      = contains(local.may, "deploy") && length(local.groups) > 0
          sid       = "RollInstances"
          actions   = ["autoscaling:CancelInstanceRefresh", "autoscaling:RollbackInstanceRefresh", "autoscaling:StartInstanceRefresh"]
          resources = local.groups
        },
        {
          when      = contains(local.may, "deploy") && length(local.groups) > 0
          sid       = "WatchInstances" # knows no resources
          actions   = ["autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeInstanceRefreshes"]
          resources = ["*"]
        },
        {
          when      = contains(local.may, "deploy") && length(local.parameters) > 0
          sid       = "SetParameters"
          actions   = ["ssm:GetParameter", "ssm:GetParametersByPath", "ssm:PutParameter"]
          resources = local.parameters
        },
        {
          when      = contains(local.may, "deploy") && length(local.functions) > 0
          sid       = "FunctionCode"
          actions   = ["lambda:GetFunction", "lambda:GetFunctionConfiguration", "lambda:UpdateFunctionCode"]
          resources = local.functions
        },
        {
          when      = contains(local.may, "deploy") && length(local.o.distributions) > 0
          sid       = "InvalidateCaches"
          actions   = ["cloudfront:CreateInvalidation", "cloudfront:GetInvalidation"]
          resources = sort(local.o.distributions)
        },
        {
          when      = local.looks && length(local.parameters) > 0
          sid       = "Settings"
          actions   = ["ssm:GetParameter", "ssm:GetParameters"]
          resources = local.parameters
        },
        {
          when      = local.works && length(local.groups) > 0
          sid       = "CountInstances"
          actions   = ["autoscaling:DeleteScheduledAction", "autoscaling:PutScheduledUpdateGroupAction", "autoscaling:UpdateAutoScalingGroup"]
          resources = local.groups
        },
        {
          when      = local.works && length(local.containers) > 0
          sid       = "CountContainers"
          actions   = ["ecs:UpdateService"]
          resources = local.containers
        },
        {
          # A parked service of containers is not there.
          when      = contains(local.may, "park") && length(local.containers) > 0
          sid       = "RemoveContainers"
          actions   = ["ecs:DeleteService"]
          resources = local.containers
        },
        {
          when      = contains(local.may, "resume") && length(local.containers) > 0
          sid       = "ReturnContainers"
          actions   = ["ecs:CreateService", "ecs:TagResource"]
          resources = local.containers
        },
        {
          when = local.works && length(local.containers) > 0
          sid  = "ScaleContainers"
          actions = [
            "application-autoscaling:DeleteScalingPolicy",
            "application-autoscaling:DeleteScheduledAction",
            "application-autoscaling:DeregisterScalableTarget",
            "application-autoscaling:PutScalingPolicy",
            "application-autoscaling:PutScheduledAction",
            "application-autoscaling:RegisterScalableTarget",
            "application-autoscaling:TagResource",
          ]
          resources  = ["${local.arn_prefix}:application-autoscaling:${local.place}:scalable-target/*"]
          conditions = { StringEqualsIfExists = { "application-autoscaling:service-namespace" = ["ecs"] } }
        },
        {
          # Application Auto Scaling makes alarms in the name of who asks for a target.
          when      = local.works && length(local.containers) > 0
          sid       = "TargetAlarms"
          actions   = ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"]
          resources = [for s in sort(keys(local.o.services)) : "${local.arn_prefix}:cloudwatch:${local.place}:alarm:TargetTracking-service/${local.o.services[s]}/${s}-*"]
        },
        {
          when      = local.parks
          sid       = "Alarms"
          actions   = ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"]
          resources = local.alarms
        },
        {
          when      = contains(local.may, "park") && length(local.databases) > 0
          sid       = "StopDatabases"
          actions   = ["rds:StopDBCluster", "rds:StopDBInstance"]
          resources = local.databases
        },
        {
          when      = contains(local.may, "resume") && length(local.databases) > 0
          sid       = "StartDatabases"
          actions   = ["rds:StartDBCluster", "rds:StartDBInstance"]
          resources = local.databases
        },
        {
          when      = local.parks && length(local.schedules) > 0
          sid       = "Schedules"
          actions   = ["scheduler:CreateSchedule", "scheduler:DeleteSchedule", "scheduler:UpdateSchedule"]
          resources = local.schedules
        },
        {
          when       = local.parks && length(local.schedules) > 0
          sid        = "ScheduleRoles"
          actions    = ["iam:PassRole"]
          resources  = local.handed
          conditions = { StringEquals = { "iam:PassedToService" = ["scheduler.amazonaws.com"] } }
        },
        {
          when       = local.parks && length(local.functions) > 0
          sid        = "Triggers"
          actions    = ["lambda:UpdateEventSourceMapping"]
          resources  = ["${local.arn_prefix}:lambda:${local.place}:event-source-mapping:*"]
          conditions = { ArnEquals = { "lambda:FunctionArn" = local.functions } }
        },
      ],
      flatten([
        for o in local.owners : [
          {
            # What costs by the hour: NAT gateways with their addresses and routes, bastions.
            when       = contains(local.may, "park")
            sid        = "Remove${title(o)}"
            actions    = ["ec2:DeleteNatGateway", "ec2:DeleteRoute", "ec2:DisassociateAddress", "ec2:ReleaseAddress", "ec2:TerminateInstances"]
            resources  = [for r in ["elastic-ip", "instance", "natgateway", "route-table"] : "${local.ec2}:${r}/*"]
            conditions = { StringEquals = local.owned[o] }
          },
          {
            when       = contains(local.may, "resume")
            sid        = "Return${title(o)}"
            actions    = ["ec2:AllocateAddress", "ec2:CreateNatGateway", "ec2:RunInstances"]
            resources  = [for r in ["elastic-ip", "instance", "natgateway", "network-interface", "volume"] : "${local.ec2}:${r}/*"]
            conditions = { StringEquals = local.asked[o] }
          },
          {
            when       = contains(local.may, "resume")
            sid        = "Within${title(o)}"
            actions    = ["ec2:CreateNatGateway", "ec2:CreateRoute", "ec2:RunInstances"]
            resources  = [for r in ["elastic-ip", "launch-template", "route-table", "security-group", "subnet"] : "${local.ec2}:${r}/*"]
            conditions = { StringEquals = local.owned[o] }
          },
        ]
      ]),
      [
        {
          # Tags are given with what is made, not to what is there.
          when       = contains(local.may, "resume")
          sid        = "Tags"
          actions    = ["ec2:CreateTags"]
          resources  = [for r in ["elastic-ip", "instance", "natgateway", "network-interface", "volume"] : "${local.ec2}:${r}/*"]
          conditions = { StringEquals = { "ec2:CreateAction" = ["AllocateAddress", "CreateNatGateway", "RunInstances"] } }
        },
        {
          when      = contains(local.may, "resume") && length(local.bastions) > 0
          sid       = "BastionImage"
          actions   = ["ec2:RunInstances"]
          resources = ["${local.arn_prefix}:ec2:${local.o.region}::image/*"]
        },
        {
          when       = contains(local.may, "resume") && length(local.bastions) > 0
          sid        = "BastionRole"
          actions    = ["iam:PassRole"]
          resources  = local.bastions
          conditions = { StringEquals = { "iam:PassedToService" = ["ec2.amazonaws.com"] } }
        },
        {
          when      = local.looks && local.bucket != ""
          sid       = "ReadStates"
          actions   = ["s3:GetObject"]
          resources = [for k in local.read : "${local.arn_prefix}:s3:::${local.bucket}/${k}.tfstate"]
        },
        {
          when       = local.looks && local.bucket != ""
          sid        = "FindStates"
          actions    = ["s3:ListBucket"]
          resources  = ["${local.arn_prefix}:s3:::${local.bucket}"]
          conditions = { StringLike = { "s3:prefix" = [for k in local.read : "${k}*"] } }
        },
        {
          when      = local.works && local.bucket != ""
          sid       = "WriteStates"
          actions   = ["s3:PutObject"]
          resources = flatten([for k in local.written : [for e in ["tfstate", "tfstate.tflock"] : "${local.arn_prefix}:s3:::${local.bucket}/${k}.${e}"]])
        },
        {
          when      = local.works && local.bucket != ""
          sid       = "LockStates"
          actions   = ["s3:DeleteObject", "s3:GetObject"]
          resources = [for k in local.written : "${local.arn_prefix}:s3:::${local.bucket}/${k}.tfstate.tflock"]
        },
      ],
    ) : s if s.when
  ]
}

# In a policy of its own, because those within a role have 10240 characters together.
resource "aws_iam_policy" "look" {
  count = local.looks ? 1 : 0

  name        = "${var.name}-look"
  description = "How things are in ${local.prefix}, not what is in them"
  tags        = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Look"
      Effect   = "Allow"
      Action   = local.look
      Resource = ["*"]
    }]
  })
}

resource "aws_iam_role_policy_attachment" "look" {
  count = local.looks ? 1 : 0

  role       = aws_iam_role.this.name
  policy_arn = aws_iam_policy.look[0].arn
}

resource "aws_iam_role_policy" "operations" {
  count = length(local.operations) > 0 ? 1 : 0

  name = "operations"
  role = aws_iam_role.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for s in local.operations : merge(
        {
          Sid      = s.sid
          Effect   = "Allow"
          Action   = s.actions
          Resource = s.resources
        },
        { for c in [try(s.conditions, null)] : "Condition" => c if c != null },
      )
    ]
  })

  lifecycle {
    precondition {
      condition     = length(jsonencode(local.operations)) <= 10000
      error_message = "The rights of ${var.name} are longer than IAM takes: give operations to two roles, or name fewer of them."
    }
  }
}
