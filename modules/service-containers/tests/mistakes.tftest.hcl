provider "aws" {
  region = "eu-west-1"
}

variables {
  name         = "groma-test-api"
  region       = "eu-west-1"
  account_id   = "123456789012"
  vpc_id       = "vpc-0123456789abcdef0"
  subnet_ids   = ["subnet-0123456789abcdef0"]
  cluster_arn  = "arn:aws:ecs:eu-west-1:123456789012:cluster/groma-test"
  cluster_name = "groma-test"
  image        = "public.ecr.aws/nginx/nginx:1.27"
  min          = 1
  max          = 2
}

run "on_instances" {
  command = plan

  variables {
    launch            = "instances"
    capacity_provider = "groma-test-instances"
    cpu               = 300
    memory            = 700
  }

  assert {
    condition     = one(aws_ecs_service.fixed[0].capacity_provider_strategy[*].capacity_provider) == "groma-test-instances" && contains(aws_ecs_task_definition.this.requires_compatibilities, "EC2")
    error_message = "Tasks on instances go through their capacity provider and have any size."
  }
}

run "fargate" {
  command = plan

  assert {
    condition     = aws_ecs_service.fixed[0].launch_type == "FARGATE" && length(aws_ecs_service.fixed[0].capacity_provider_strategy) == 0
    error_message = "Without anything said, tasks run on Fargate."
  }
}

run "spot" {
  command = plan

  variables {
    spot = true
  }

  assert {
    condition     = one(aws_ecs_service.fixed[0].capacity_provider_strategy[*].capacity_provider) == "FARGATE_SPOT"
    error_message = "Spare capacity of Fargate has a provider of its own."
  }
}

run "values" {
  command = plan

  variables {
    name         = "api-"
    launch       = "lambda"
    architecture = "arm"
    image        = "not an image"
    settings     = { "not-a-name" = "x" }
    secrets      = { "1" = "x" }
    schedules    = { park = { recurrence = "0 20 * * 1-5" } }
    cpu_target   = 1
    min          = -1
  }

  expect_failures = [var.name, var.launch, var.architecture, var.image, var.settings, var.secrets, var.schedules, var.cpu_target, var.min]
}

run "fargate_size" {
  command = plan

  variables {
    cpu    = 256
    memory = 4096
  }

  expect_failures = [aws_ecs_task_definition.this]
}

run "min_above_max" {
  command = plan

  variables {
    min = 3
  }

  expect_failures = [aws_ecs_service.fixed]
}

run "requests_without_load_balancer" {
  command = plan

  variables {
    requests_target = 100
  }

  expect_failures = [aws_ecs_service.scaled]
}
