locals {
  arn_prefix = "arn:${var.partition}"
  tags       = merge(var.tags, { Name = var.name })
}

# Rules come from outside, one module for each edge.
resource "aws_security_group" "this" {
  name        = var.name
  description = "Job ${var.name}"
  vpc_id      = var.vpc_id
  tags        = local.tags
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  task_role_arn            = aws_iam_role.task.arn
  execution_role_arn       = aws_iam_role.execution.arn
  tags                     = var.tags

  runtime_platform {
    cpu_architecture        = var.architecture
    operating_system_family = "LINUX"
  }

  container_definitions = jsonencode([
    merge(
      {
        name      = "main"
        image     = var.image
        essential = true

        # In the order of names, as ECS returns them: no difference from one plan to the next.
        environment = [for k, v in var.settings : { name = k, value = v }]
        secrets     = [for k, v in var.secrets : { name = k, valueFrom = v }]

        mountPoints            = []
        portMappings           = []
        readonlyRootFilesystem = var.read_only
        systemControls         = []
        volumesFrom            = []

        # Ends what the container's first process leaves behind.
        linuxParameters = { initProcessEnabled = true }

        logConfiguration = {
          logDriver = "awslogs"
          options = {
            "awslogs-group"         = aws_cloudwatch_log_group.this.name
            "awslogs-region"        = var.region
            "awslogs-stream-prefix" = "task"
          }
        }
      },
      var.command == null ? {} : { command = var.command },
    )
  ])

  lifecycle {
    precondition {
      condition = contains(
        lookup({
          256   = [512, 1024, 2048]
          512   = range(1024, 4097, 1024)
          1024  = range(2048, 8193, 1024)
          2048  = range(4096, 16385, 1024)
          4096  = range(8192, 30721, 1024)
          8192  = range(16384, 61441, 4096)
          16384 = range(32768, 122881, 8192)
        }, var.cpu, []),
        var.memory,
      )
      error_message = "Fargate has no tasks with ${var.cpu} processor units and ${var.memory} MiB. There are 256 units with 512, 1024 or 2048 MiB, 512 with 1 to 4 GiB, 1024 with 2 to 8, 2048 with 4 to 16, 4096 with 8 to 30, 8192 with 16 to 60 (steps of 4), 16384 with 32 to 120 (steps of 8)."
    }
  }
}

resource "aws_scheduler_schedule" "this" {
  name                         = var.name
  description                  = "Starts job ${var.name}"
  group_name                   = "default"
  schedule_expression          = var.schedule
  schedule_expression_timezone = var.time_zone
  state                        = var.parked ? "DISABLED" : "ENABLED"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = var.cluster_arn
    role_arn = aws_iam_role.schedule.arn

    ecs_parameters {
      task_definition_arn     = aws_ecs_task_definition.this.arn
      task_count              = 1
      launch_type             = "FARGATE"
      platform_version        = "LATEST"
      enable_ecs_managed_tags = true
      propagate_tags          = "TASK_DEFINITION"

      network_configuration {
        assign_public_ip = false
        security_groups  = [aws_security_group.this.id]
        subnets          = var.subnet_ids
      }
    }

    # No capacity at the moment: try for an hour, then wait for the next time.
    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 20
    }
  }

  depends_on = [aws_iam_role_policy.execution, aws_iam_role_policy.schedule, aws_iam_role_policy.task]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = local.log_group
  retention_in_days = var.log_retention_days
  tags              = var.tags
}
