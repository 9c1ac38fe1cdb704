locals {
  # Graviton types have a "g" behind the generation's number: t4g, c7gn, im4gn.
  architecture = can(regex("^[a-z]+[0-9]+[a-z]*g[a-z]*\\.", var.instance_type)) ? "arm64" : "x86_64"
  image_path   = local.architecture == "arm64" ? "amazon-linux-2023/arm64" : "amazon-linux-2023"
  image        = coalesce(var.image, "resolve:ssm:/aws/service/ecs/optimized-ami/${local.image_path}/recommended/image_id")
}

# Instances talk to AWS only; tasks have interfaces and security groups of their own.
# Rules come from outside, one module for each edge.
resource "aws_security_group" "this" {
  count = local.instances ? 1 : 0

  name        = "${var.name}-cluster"
  description = "Instances of cluster ${var.name}"
  vpc_id      = var.vpc_id
  tags        = merge(local.tags, { Name = "${var.name}-cluster" })
}

resource "aws_launch_template" "this" {
  count = local.instances ? 1 : 0

  name                   = "${var.name}-cluster"
  description            = "Instances of cluster ${var.name}"
  image_id               = local.image
  instance_type          = var.instance_type
  update_default_version = true
  tags                   = var.tags

  # Tasks must not take the instance's rights.
  user_data = base64encode(<<-EOT
    #!/bin/bash
    cat >> /etc/ecs/ecs.config <<'END'
    ECS_CLUSTER=${var.name}
    ECS_AWSVPC_BLOCK_IMDS=true
    ECS_ENABLE_SPOT_INSTANCE_DRAINING=true
    END
  EOT
  )

  iam_instance_profile {
    arn = aws_iam_instance_profile.this[0].arn
  }

  network_interfaces {
    associate_public_ip_address = "false"
    delete_on_termination       = "true"
    security_groups             = aws_security_group.this[*].id
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      delete_on_termination = "true"
      encrypted             = "true"
      volume_size           = var.volume_gb
      volume_type           = "gp3"
    }
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_protocol_ipv6          = "disabled"
    http_put_response_hop_limit = 1
    http_tokens                 = "required"
    instance_metadata_tags      = "disabled"
  }

  dynamic "tag_specifications" {
    for_each = ["instance", "volume", "network-interface"]

    content {
      resource_type = tag_specifications.value
      tags          = merge(local.tags, { Name = "${var.name}-cluster" })
    }
  }
}

resource "aws_autoscaling_group" "this" {
  count = local.instances ? 1 : 0

  name                = "${var.name}-cluster"
  min_size            = var.min
  max_size            = var.max
  vpc_zone_identifier = var.subnet_ids

  # The capacity provider moves it; only an empty cluster says so itself.
  desired_capacity = var.max == 0 ? 0 : null

  health_check_type         = "EC2"
  health_check_grace_period = 300
  default_instance_warmup   = 120
  wait_for_capacity_timeout = "0"

  launch_template {
    id      = aws_launch_template.this[0].id
    version = aws_launch_template.this[0].latest_version
  }

  instance_refresh {
    strategy = "Rolling"

    preferences {
      min_healthy_percentage = 100
      max_healthy_percentage = 150
    }
  }

  # ECS puts this tag on groups of its capacity providers.
  dynamic "tag" {
    for_each = merge(local.tags, { Name = "${var.name}-cluster", AmazonECSManaged = "" })

    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }

  depends_on = [aws_iam_role_policy.this]

  lifecycle {
    precondition {
      condition     = var.min <= var.max
      error_message = "min (${var.min}) is above max (${var.max}) of cluster ${var.name}: raise max or lower min."
    }
    precondition {
      condition     = local.built_arn != null
      error_message = "Cluster ${var.name} has instances: set region and account_id, which their role names."
    }
    precondition {
      condition     = length(var.subnet_ids) > 0
      error_message = "Cluster ${var.name} has instances: set vpc_id and subnet_ids."
    }
  }
}

resource "aws_ecs_capacity_provider" "this" {
  count = local.instances ? 1 : 0

  name = "${var.name}-instances"
  tags = var.tags

  auto_scaling_group_provider {
    auto_scaling_group_arn = aws_autoscaling_group.this[0].arn

    # Instances protected from scaling in could not be parked; draining moves tasks away first.
    managed_termination_protection = "DISABLED"
    managed_draining               = "ENABLED"

    managed_scaling {
      status                    = "ENABLED"
      target_capacity           = var.target
      instance_warmup_period    = 120
      minimum_scaling_step_size = 1
      maximum_scaling_step_size = 10
    }
  }
}

resource "aws_iam_role" "this" {
  count = local.instances ? 1 : 0

  name        = "${var.name}-cluster"
  description = "Instances of cluster ${var.name}"
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

resource "aws_iam_instance_profile" "this" {
  count = local.instances ? 1 : 0

  name = "${var.name}-cluster"
  role = aws_iam_role.this[0].name
  tags = var.tags
}

resource "aws_iam_role_policy" "this" {
  count = local.instances ? 1 : 0

  name = "base"
  role = aws_iam_role.this[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # The agent asks for its address before it knows a cluster.
        Sid      = "Endpoint"
        Effect   = "Allow"
        Action   = ["ecs:DiscoverPollEndpoint"]
        Resource = ["*"]
      },
      {
        Sid    = "Register"
        Effect = "Allow"
        Action = ["ecs:DeregisterContainerInstance", "ecs:RegisterContainerInstance", "ecs:SubmitAttachmentStateChanges", "ecs:SubmitContainerStateChange", "ecs:SubmitTaskStateChange"]
        Resource = [
          "${local.arn_prefix}:ecs:${coalesce(var.region, "*")}:${coalesce(var.account_id, "*")}:cluster/${var.name}",
        ]
      },
      {
        Sid    = "Agent"
        Effect = "Allow"
        Action = ["ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState"]
        Resource = [
          "${local.arn_prefix}:ecs:${coalesce(var.region, "*")}:${coalesce(var.account_id, "*")}:container-instance/${var.name}/*",
        ]
      },
      {
        # These actions know no resources.
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
      },
    ]
  })
}
