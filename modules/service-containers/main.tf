locals {
  arn_prefix = "arn:${var.partition}"
  tags       = merge(var.tags, { Name = var.name })

  # Who scales it: Application Auto Scaling, or nobody. A plan must not undo what the
  # former does, and ECS has no way to say "leave the number alone" in one service
  # resource; so there are two, with different names, of which one exists.
  scaled = var.cpu_target != null || var.requests_target != null || var.backlog != null || length(var.schedules) > 0

  service_name = local.scaled ? var.name : "${var.name}-fixed"
  desired      = var.parked || var.asleep ? 0 : var.desired == null ? var.min : var.desired

  # Capacity provider and launch type exclude each other.
  capacity_provider = var.capacity_provider != null ? var.capacity_provider : var.launch == "fargate" && var.spot ? "FARGATE_SPOT" : null
  launch_type       = local.capacity_provider != null ? null : var.launch == "fargate" ? "FARGATE" : "EC2"
}

# Rules come from outside, one module for each edge.
resource "aws_security_group" "this" {
  name        = var.name
  description = "Tasks of ${var.name}"
  vpc_id      = var.vpc_id
  tags        = local.tags
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = [var.launch == "fargate" ? "FARGATE" : "EC2"]
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
        portMappings           = [for p in [var.port] : { containerPort = p, hostPort = p, protocol = "tcp" } if p != null]
        readonlyRootFilesystem = var.read_only
        stopTimeout            = min(max(var.drain, 2), 120)
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
      condition = var.launch != "fargate" ? true : contains(
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

# One that nobody scales: the number is what the configuration says.
resource "aws_ecs_service" "fixed" {
  count = local.scaled ? 0 : 1

  name            = "${var.name}-fixed"
  cluster         = var.cluster_arn
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = local.desired

  launch_type                        = local.launch_type
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  enable_ecs_managed_tags            = true
  enable_execute_command             = var.shell
  health_check_grace_period_seconds  = length(var.load_balancers) > 0 ? var.health_grace : null
  propagate_tags                     = "SERVICE"
  tags                               = local.tags

  dynamic "capacity_provider_strategy" {
    for_each = local.capacity_provider == null ? [] : [local.capacity_provider]

    content {
      capacity_provider = capacity_provider_strategy.value
      base              = 0
      weight            = 1
    }
  }

  # A version whose tasks do not become healthy is taken back.
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  deployment_controller {
    type = "ECS"
  }

  network_configuration {
    assign_public_ip = false
    security_groups  = [aws_security_group.this.id]
    subnets          = var.subnet_ids
  }

  dynamic "load_balancer" {
    for_each = aws_lb_target_group.this

    content {
      container_name   = "main"
      container_port   = var.port
      target_group_arn = load_balancer.value.arn
    }
  }

  # ECS refuses target groups that no listener leads to, and a task without its rights
  # does not start.
  depends_on = [aws_iam_role_policy.execution, aws_iam_role_policy.task, aws_lb_listener_rule.this]

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
  }
}

# One that scales itself: the number is where it begins. The same as above otherwise.
resource "aws_ecs_service" "scaled" {
  count = local.scaled && !var.parked ? 1 : 0

  name            = var.name
  cluster         = var.cluster_arn
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = local.desired

  launch_type                        = local.launch_type
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  enable_ecs_managed_tags            = true
  enable_execute_command             = var.shell
  health_check_grace_period_seconds  = length(var.load_balancers) > 0 ? var.health_grace : null
  propagate_tags                     = "SERVICE"
  tags                               = local.tags

  dynamic "capacity_provider_strategy" {
    for_each = local.capacity_provider == null ? [] : [local.capacity_provider]

    content {
      capacity_provider = capacity_provider_strategy.value
      base              = 0
      weight            = 1
    }
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  deployment_controller {
    type = "ECS"
  }

  network_configuration {
    assign_public_ip = false
    security_groups  = [aws_security_group.this.id]
    subnets          = var.subnet_ids
  }

  dynamic "load_balancer" {
    for_each = aws_lb_target_group.this

    content {
      container_name   = "main"
      container_port   = var.port
      target_group_arn = load_balancer.value.arn
    }
  }

  depends_on = [aws_iam_role_policy.execution, aws_iam_role_policy.task, aws_lb_listener_rule.this]

  lifecycle {
    ignore_changes = [desired_count]

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

resource "aws_cloudwatch_log_group" "this" {
  name              = local.log_group
  retention_in_days = var.log_retention_days
  tags              = var.tags
}
