locals {
  arn_prefix = "arn:${var.partition}"
  parked     = var.parked || var.asleep
  tags       = merge(var.tags, { Name = var.name })

  # A device name that is not the image's root device would make a second volume.
  root_device = coalesce(var.root_device, length(regexall("ubuntu|canonical", var.image)) > 0 ? "/dev/sda1" : "/dev/xvda")

  user_data = var.user_data != null ? var.user_data : templatefile("${path.module}/user-data.sh.tftpl", {
    name      = var.name
    region    = var.region
    prefix    = var.parameter_prefix
    log_group = local.log_group
    script    = var.script == null ? "" : trimspace(var.script)
  })
}

# Rules come from outside, one module for each edge.
resource "aws_security_group" "this" {
  name        = var.name
  description = "Instances of ${var.name}"
  vpc_id      = var.vpc_id
  tags        = local.tags
}

resource "aws_launch_template" "this" {
  name                   = var.name
  description            = "Instances of ${var.name}"
  image_id               = var.image
  instance_type          = var.instance_type
  update_default_version = true
  user_data              = base64encode(local.user_data)

  iam_instance_profile {
    arn = "${local.arn_prefix}:iam::${var.account_id}:instance-profile/${aws_iam_instance_profile.this.name}"
  }

  network_interfaces {
    associate_public_ip_address = "false"
    delete_on_termination       = "true"
    security_groups             = [aws_security_group.this.id]
  }

  block_device_mappings {
    device_name = local.root_device

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

  # Scaling by processor use is slow with data of five minutes.
  monitoring {
    enabled = var.cpu_target != null
  }

  dynamic "tag_specifications" {
    for_each = ["instance", "volume", "network-interface"]

    content {
      resource_type = tag_specifications.value
      tags          = local.tags
    }
  }

  tags = var.tags

  lifecycle {
    precondition {
      condition     = length(local.user_data) <= 16384
      error_message = "The user data of ${var.name} is longer than 16384 bytes, which EC2 refuses: shorten script or fetch the rest of it from a bucket."
    }
  }
}

resource "aws_autoscaling_group" "this" {
  name                = var.name
  min_size            = local.parked ? 0 : var.min
  max_size            = local.parked ? 0 : var.max
  vpc_zone_identifier = var.subnet_ids

  # A computed argument: null leaves it to autoscaling, a number holds for this apply.
  # ignore_changes would make the second impossible, and with it an exact resume.
  desired_capacity = local.parked ? 0 : var.desired

  health_check_type         = length(var.load_balancers) > 0 ? "ELB" : "EC2"
  health_check_grace_period = var.health_grace
  default_instance_warmup   = 120
  capacity_rebalance        = var.spot
  wait_for_capacity_timeout = var.wait_minutes == 0 ? "0" : "${var.wait_minutes}m"

  # Free of charge, and scaling by a queue needs the number in service.
  metrics_granularity = "1Minute"
  enabled_metrics     = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupMinSize", "GroupPendingInstances", "GroupTerminatingInstances", "GroupTotalInstances"]

  dynamic "launch_template" {
    for_each = var.spot ? [] : [true]

    content {
      id      = aws_launch_template.this.id
      version = aws_launch_template.this.latest_version
    }
  }

  dynamic "mixed_instances_policy" {
    for_each = var.spot ? [true] : []

    content {
      instances_distribution {
        on_demand_allocation_strategy            = "prioritized"
        on_demand_base_capacity                  = 0
        on_demand_percentage_above_base_capacity = 0
        spot_allocation_strategy                 = "price-capacity-optimized"
      }

      launch_template {
        launch_template_specification {
          launch_template_id = aws_launch_template.this.id
          version            = aws_launch_template.this.latest_version
        }

        dynamic "override" {
          for_each = distinct(concat([var.instance_type], var.spot_types))

          content {
            instance_type = override.value
          }
        }
      }
    }
  }

  # A new template replaces the instances: the new one is healthy before the old one goes.
  instance_refresh {
    strategy = "Rolling"

    preferences {
      min_healthy_percentage = 100
      max_healthy_percentage = 150

      # AWS cannot roll back to an image that is looked up at every start.
      auto_rollback = !startswith(var.image, "resolve:")
    }
  }

  dynamic "tag" {
    for_each = local.tags

    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }

  # The first thing that an instance does is to read its settings.
  depends_on = [aws_iam_role_policy.base, aws_iam_role_policy.statements, aws_ssm_parameter.settings]

  lifecycle {
    precondition {
      condition     = var.min <= var.max
      error_message = "min (${var.min}) is above max (${var.max}) of ${var.name}: raise max or lower min."
    }
    precondition {
      condition     = var.desired == null ? true : var.desired >= var.min && var.desired <= var.max
      error_message = "desired of ${var.name} must be between min (${var.min}) and max (${var.max}), or null."
    }
    precondition {
      condition     = length(var.load_balancers) == 0 || var.port != null
      error_message = "${var.name} is attached to a load balancer but has no port: set port."
    }
    precondition {
      condition     = var.requests_target == null || length(var.load_balancers) > 0
      error_message = "${var.name} is to be scaled by requests but has no load balancer that counts them: set load_balancers or leave requests_target out."
    }
  }
}

resource "aws_ssm_parameter" "settings" {
  for_each = var.settings

  name  = "${var.parameter_prefix}/${each.key}"
  type  = "String"
  value = each.value
  tags  = var.tags
}

resource "aws_cloudwatch_log_group" "this" {
  name              = local.log_group
  retention_in_days = var.log_retention_days
  tags              = var.tags
}
