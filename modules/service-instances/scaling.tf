resource "aws_autoscaling_policy" "cpu" {
  count = var.cpu_target != null ? 1 : 0

  name                   = "${var.name}-cpu"
  autoscaling_group_name = aws_autoscaling_group.this.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = var.cpu_target

    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
  }
}

resource "aws_autoscaling_policy" "requests" {
  count = var.requests_target != null && local.main_load_balancer != null ? 1 : 0

  name                   = "${var.name}-requests"
  autoscaling_group_name = aws_autoscaling_group.this.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = var.requests_target

    predefined_metric_specification {
      predefined_metric_type = "ALBRequestCountPerTarget"
      resource_label         = "${var.load_balancers[local.main_load_balancer].arn_suffix}/${aws_lb_target_group.this[local.main_load_balancer].arn_suffix}"
    }
  }

  # AWS refuses to count requests of a target group that no listener leads to or that is
  # not the group's.
  depends_on = [aws_autoscaling_attachment.this, aws_lb_listener_rule.this]

  lifecycle {
    precondition {
      condition     = var.load_balancers[local.main_load_balancer].arn_suffix != null
      error_message = "${var.name} is to be scaled by requests: load_balancers needs the arn_suffix of the load balancer that counts them."
    }
  }
}

resource "aws_autoscaling_policy" "backlog" {
  count = var.backlog != null ? 1 : 0

  name                   = "${var.name}-backlog"
  autoscaling_group_name = aws_autoscaling_group.this.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = var.backlog.per_instance

    customized_metric_specification {
      metrics {
        id          = "visible"
        label       = "Messages waiting"
        return_data = false

        metric_stat {
          stat = "Maximum"

          metric {
            namespace   = "AWS/SQS"
            metric_name = "ApproximateNumberOfMessagesVisible"

            dimensions {
              name  = "QueueName"
              value = var.backlog.queue_name
            }
          }
        }
      }

      metrics {
        id          = "instances"
        label       = "Instances in service"
        return_data = false

        metric_stat {
          stat = "Average"

          metric {
            namespace   = "AWS/AutoScaling"
            metric_name = "GroupInServiceInstances"

            dimensions {
              name  = "AutoScalingGroupName"
              value = aws_autoscaling_group.this.name
            }
          }
        }
      }

      # With none in service, all that waits counts: otherwise nothing would ever start.
      metrics {
        id          = "backlog"
        label       = "Messages waiting for each instance"
        expression  = "IF(FILL(instances, 0) > 0, visible / FILL(instances, 0), visible)"
        return_data = true
      }
    }
  }
}

# Parked by hand means parked until somebody says otherwise, not until the next morning.
resource "aws_autoscaling_schedule" "this" {
  for_each = var.parked ? {} : var.schedules

  scheduled_action_name  = "${var.name}-${each.key}"
  autoscaling_group_name = aws_autoscaling_group.this.name
  recurrence             = each.value.recurrence
  time_zone              = var.time_zone

  # -1: as it is. Null would mean 0.
  min_size         = each.value.min == null ? -1 : each.value.min
  max_size         = each.value.max == null ? -1 : each.value.max
  desired_capacity = each.value.desired == null ? -1 : each.value.desired
}
