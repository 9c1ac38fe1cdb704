provider "aws" {
  region = "eu-west-1"
}

variables {
  name         = "groma-test-thumbnail"
  region       = "eu-west-1"
  account_id   = "123456789012"
  package      = "tests/package.zip"
  package_hash = "3Dmev9pJesbUiG9I72b6uCJ/UgRKdmIREP3n/APK8TI="
  settings     = { GREETING = "hello" }
  tags         = { environment = "test" }
}

run "around" {
  module {
    source = "./tests/setup"
  }
}

run "up" {
  variables {
    inside     = true
    vpc_id     = run.around.vpc_id
    subnet_ids = run.around.subnet_ids
    queues     = { jobs = { arn = run.around.queue_arn, concurrency = 2 } }
    invokers   = { uploads = { principal = "s3.amazonaws.com", source_arn = "arn:aws:s3:::groma-test-uploads" } }
    schedules  = { nightly = "cron(0 3 * * ? *)", often = "rate(5 minutes)" }
    time_zone  = "Europe/Berlin"

    statements = [{
      sid        = "Read"
      actions    = ["s3:GetObject"]
      resources  = ["arn:aws:s3:::groma-test-uploads/*"]
      conditions = [{ test = "StringEquals", variable = "aws:ResourceAccount", values = ["123456789012"] }]
    }]
  }

  assert {
    condition     = output.arn == aws_lambda_function.this.arn && output.role_arn == aws_iam_role.this.arn && output.invoke_arn == aws_lambda_function.this.invoke_arn
    error_message = "Built outputs must be what there is."
  }
  assert {
    condition     = output.security_group_id == aws_security_group.this[0].id && length(aws_security_group.this[0].egress) == 0
    error_message = "Inside, there is a security group without rules."
  }
  assert {
    condition     = local.dead_letter == aws_sqs_queue.dead_letters.arn
    error_message = "The built ARN must be the queue's."
  }
  assert {
    condition     = contains([for s in jsondecode(aws_iam_role_policy.base.policy).Statement : s.Effect], "Deny")
    error_message = "The code must not touch interfaces."
  }
  assert {
    condition     = aws_lambda_permission.invokers["uploads"].source_account == "123456789012"
    error_message = "A bucket's invocations must come from this account."
  }
  assert {
    condition     = aws_lambda_event_source_mapping.queues["jobs"].batch_size == 10 && contains(aws_lambda_event_source_mapping.queues["jobs"].function_response_types, "ReportBatchItemFailures")
    error_message = "One bad message must not fail the others."
  }
  assert {
    condition     = aws_scheduler_schedule.this["nightly"].schedule_expression_timezone == "Europe/Berlin" && aws_scheduler_schedule.this["often"].state == "ENABLED"
    error_message = "Both schedules must be on."
  }
}

run "parked" {
  command = plan

  variables {
    parked    = true
    queues    = { jobs = { arn = run.around.queue_arn } }
    schedules = { nightly = "cron(0 3 * * ? *)" }
  }

  assert {
    condition     = aws_lambda_event_source_mapping.queues["jobs"].enabled == false && aws_scheduler_schedule.this["nightly"].state == "DISABLED"
    error_message = "Parked, it rests."
  }
  # Not after an apply: moto forgets it.
  assert {
    condition     = aws_lambda_function.this.dead_letter_config[0].target_arn == "arn:aws:sqs:eu-west-1:123456789012:groma-test-thumbnail-dead-letters"
    error_message = "What fails goes to the dead letters."
  }
  assert {
    condition     = output.security_group_id == null
    error_message = "Outside, there is no security group."
  }
}

run "stream" {
  command = plan

  variables {
    streams = { events = { arn = "arn:aws:kafka:eu-west-1:123456789012:cluster/groma-test/0a1b2c3d-0000-1111-2222-333344445555-1", topics = ["orders"] } }
  }

  assert {
    condition     = strcontains(aws_iam_role_policy.base.policy, "arn:aws:kafka:eu-west-1:123456789012:topic/groma-test/0a1b2c3d-0000-1111-2222-333344445555-1/orders")
    error_message = "The topic's exact ARN must be in the policy."
  }
}

run "values" {
  command = plan

  variables {
    name         = "Thumbnail"
    package_hash = "abc"
    architecture = "ARM64"
    memory       = 64
    timeout      = 1000
    settings     = { AWS_REGION = "mine" }
    queues       = { jobs = { arn = "arn", batch = 50 } }
    schedules    = { nightly = "0 3 * * *" }
    statements   = [{ sid = "a b", actions = ["s3:GetObject"], resources = ["*"] }]
    streams      = { events = { arn = "arn:cluster/a", topics = [] } }
  }

  expect_failures = [var.name, var.package_hash, var.architecture, var.memory, var.timeout, var.settings, var.queues, var.schedules, var.statements, var.streams]
}

run "inside_without_subnets" {
  command = plan

  variables {
    inside = true
    vpc_id = "vpc-0123456789abcdef0"
  }

  expect_failures = [aws_lambda_function.this]
}
