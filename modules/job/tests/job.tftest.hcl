provider "aws" {
  region = "eu-west-1"
}

variables {
  name        = "groma-test-report"
  region      = "eu-west-1"
  account_id  = "123456789012"
  schedule    = "cron(0 3 * * ? *)"
  time_zone   = "Europe/Berlin"
  cluster_arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/groma-test"
  image       = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/groma-test:latest"
  command     = ["report", "--daily"]
  settings    = { GREETING = "hello" }
  secrets     = { PASSWORD = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:groma/test-AbCdEf" }

  statements = [{
    sid       = "Write"
    actions   = ["s3:PutObject"]
    resources = ["arn:aws:s3:::groma-test-reports/*"]
  }]
}

run "around" {
  module {
    source = "./tests/setup"
  }
}

run "up" {
  variables {
    vpc_id     = run.around.vpc_id
    subnet_ids = run.around.subnet_ids
  }

  assert {
    condition     = output.schedule_arn == aws_scheduler_schedule.this.arn && output.role_arn == aws_iam_role.task.arn
    error_message = "Built outputs must be what there is."
  }
  assert {
    condition     = aws_scheduler_schedule.this.target[0].ecs_parameters[0].network_configuration[0].assign_public_ip == false && aws_scheduler_schedule.this.state == "ENABLED"
    error_message = "The schedule is on, the task has no public address."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.schedule.policy).Statement[0].Condition.ArnEquals["ecs:cluster"] == "arn:aws:ecs:eu-west-1:123456789012:cluster/groma-test"
    error_message = "The scheduler may use this cluster only."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].command == ["report", "--daily"]
    error_message = "The command must be the given one."
  }
}

run "parked" {
  command = plan

  variables {
    vpc_id     = run.around.vpc_id
    subnet_ids = run.around.subnet_ids
    parked     = true
  }

  assert {
    condition     = aws_scheduler_schedule.this.state == "DISABLED"
    error_message = "Parked, it does not run."
  }
}

run "values" {
  command = plan

  variables {
    vpc_id             = "vpc-0123456789abcdef0"
    subnet_ids         = ["subnet-0123456789abcdef0"]
    name               = "-report"
    schedule           = "daily"
    architecture       = "arm64"
    secrets            = { "a-b" = "x" }
    log_retention_days = 2
  }

  expect_failures = [var.name, var.schedule, var.architecture, var.secrets, var.log_retention_days]
}

run "size" {
  command = plan

  variables {
    vpc_id     = "vpc-0123456789abcdef0"
    subnet_ids = ["subnet-0123456789abcdef0"]
    cpu        = 100
  }

  expect_failures = [aws_ecs_task_definition.this]
}
