provider "aws" {
  region = "eu-west-1"
}

variables {
  name       = "groma-test-park"
  region     = "eu-west-1"
  account_id = "123456789012"
  clusters   = { main = "groma-test-main" }
  instances  = { other = "groma-test-other" }
  stop       = ["cron(0 20 ? * MON-FRI *)"]
  start      = ["cron(0 7 ? * MON-FRI *)", "cron(0 9 ? * SAT *)"]
  time_zone  = "Europe/Berlin"
}

run "up" {
  assert {
    condition     = length(aws_scheduler_schedule.times) == 6 && length(aws_scheduler_schedule.hold) == 0
    error_message = "Each database has each time."
  }
  assert {
    condition     = aws_scheduler_schedule.times["stop-cluster-main-0"].target[0].arn == "arn:aws:scheduler:::aws-sdk:rds:stopDBCluster" && jsondecode(aws_scheduler_schedule.times["stop-cluster-main-0"].target[0].input).DbClusterIdentifier == "groma-test-main"
    error_message = "Clusters are stopped as clusters."
  }
  assert {
    condition     = aws_scheduler_schedule.times["start-instance-other-1"].target[0].arn == "arn:aws:scheduler:::aws-sdk:rds:startDBInstance"
    error_message = "Instances are started as instances."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.this[0].policy).Statement[0].Resource == ["arn:aws:rds:eu-west-1:123456789012:cluster:groma-test-main"]
    error_message = "The role may touch these databases only."
  }
  assert {
    condition     = output.schedule_group == aws_scheduler_schedule_group.this.name && output.role_arn == aws_iam_role.this.arn && local.group_arn == aws_scheduler_schedule_group.this.arn
    error_message = "Built values must be what there is."
  }
}

run "parked" {
  variables {
    parked = true
  }

  assert {
    condition     = alltrue([for s in aws_scheduler_schedule.times : s.state == "DISABLED"])
    error_message = "No schedule may wake up what was parked by hand."
  }
  assert {
    condition     = aws_scheduler_schedule.hold["hold-cluster-main"].schedule_expression == "rate(1 hours)" && length(aws_scheduler_schedule.hold) == 2
    error_message = "What AWS starts again is stopped again."
  }
}

run "nothing" {
  command = plan

  variables {
    clusters  = {}
    instances = {}
  }

  assert {
    condition     = length(aws_scheduler_schedule.times) == 0 && length(aws_iam_role_policy.this) == 0
    error_message = "Without databases there is nothing to do."
  }
}

run "values" {
  command = plan

  variables {
    stop     = ["0 20 * * 1-5"]
    start    = ["rate(1 day)"]
    clusters = { "a b" = "x" }
  }

  expect_failures = [var.stop, var.start, var.clusters]
}
