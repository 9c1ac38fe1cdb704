resource "aws_appautoscaling_target" "this" {
  count = local.scaled && !var.parked ? 1 : 0

  service_namespace  = "ecs"
  resource_id        = "service/${var.cluster_name}/${aws_ecs_service.scaled[0].name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.asleep ? 0 : var.min
  max_capacity       = var.asleep ? 0 : var.max
  tags               = var.tags
}

resource "aws_appautoscaling_policy" "cpu" {
  count = var.cpu_target != null && !var.parked ? 1 : 0

  name               = "${var.name}-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  resource_id        = aws_appautoscaling_target.this[0].resource_id
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.cpu_target
    scale_in_cooldown  = 300
    scale_out_cooldown = 60

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

resource "aws_appautoscaling_policy" "requests" {
  count = var.requests_target != null && local.main_load_balancer != null && !var.parked ? 1 : 0

  name               = "${var.name}-requests"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  resource_id        = aws_appautoscaling_target.this[0].resource_id
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.requests_target
    scale_in_cooldown  = 300
    scale_out_cooldown = 60

    predefined_metric_specification {
      predefined_metric_type = "ALBRequestCountPerTarget"
      resource_label         = "${var.load_balancers[local.main_load_balancer].arn_suffix}/${aws_lb_target_group.this[local.main_load_balancer].arn_suffix}"
    }
  }

  lifecycle {
    precondition {
      condition     = var.load_balancers[local.main_load_balancer].arn_suffix != null
      error_message = "${var.name} is to be scaled by requests: load_balancers needs the arn_suffix of the load balancer that counts them."
    }
  }
}

resource "aws_appautoscaling_policy" "backlog" {
  count = var.backlog != null && !var.parked ? 1 : 0

  name               = "${var.name}-backlog"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  resource_id        = aws_appautoscaling_target.this[0].resource_id
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.backlog.per_instance
    scale_in_cooldown  = 300
    scale_out_cooldown = 60

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
        id          = "tasks"
        label       = "Tasks running"
        return_data = false

        metric_stat {
          stat = "Average"

          metric {
            namespace   = "ECS/ContainerInsights"
            metric_name = "RunningTaskCount"

            dimensions {
              name  = "ClusterName"
              value = var.cluster_name
            }

            dimensions {
              name  = "ServiceName"
              value = aws_ecs_service.scaled[0].name
            }
          }
        }
      }

      # With none running, all that waits counts: otherwise nothing would ever start.
      metrics {
        id          = "backlog"
        label       = "Messages waiting for each task"
        expression  = "IF(FILL(tasks, 0) > 0, visible / FILL(tasks, 0), visible)"
        return_data = true
      }
    }
  }
}

# Parked by hand means parked until somebody says otherwise, not until the next morning.
resource "aws_appautoscaling_scheduled_action" "this" {
  for_each = var.parked ? {} : var.schedules

  name               = "${var.name}-${each.key}"
  service_namespace  = aws_appautoscaling_target.this[0].service_namespace
  resource_id        = aws_appautoscaling_target.this[0].resource_id
  scalable_dimension = aws_appautoscaling_target.this[0].scalable_dimension
  schedule           = each.value.recurrence
  timezone           = var.time_zone

  scalable_target_action {
    # A minimum is what brings tasks back: Application Auto Scaling has no desired number.
    min_capacity = each.value.min
    max_capacity = each.value.max
  }
}
