provider "aws" {
  region = "eu-west-1"
}

variables {
  name             = "groma-test-web"
  region           = "eu-west-1"
  account_id       = "123456789012"
  vpc_id           = "vpc-0123456789abcdef0"
  subnet_ids       = ["subnet-0123456789abcdef0"]
  image            = "ami-0123456789abcdef0"
  min              = 1
  max              = 2
  parameter_prefix = "/groma/test/web"
}

run "spot_is_a_mixed_group" {
  command = plan

  variables {
    spot       = true
    spot_types = ["t4g.medium"]
  }

  assert {
    condition     = length(aws_autoscaling_group.this.mixed_instances_policy[0].launch_template[0].override) == 2
    error_message = "Spare capacity comes in two types."
  }
}

run "nothing_optional" {
  command = plan

  assert {
    condition     = length(aws_iam_role_policy.statements) == 0 && length(aws_lb_target_group.this) == 0 && length(aws_autoscaling_policy.cpu) == 0
    error_message = "What is not asked for is not made."
  }
  assert {
    condition     = output.role_arn == "arn:aws:iam::123456789012:role/groma-test-web" && output.target_group_arn == null
    error_message = "ARNs are known while planning."
  }
}

run "values" {
  command = plan

  variables {
    name               = "Groma_Web"
    region             = "Ireland"
    account_id         = "42"
    image              = "ubuntu-24.04"
    cpu_target         = 120
    health             = "healthz"
    port               = 70000
    drain              = 4000
    slow_start         = 10
    volume_gb          = 4
    log_retention_days = 31
    parameter_prefix   = "/aws/mine"
    settings           = { "not-a-name" = "x" }
    schedules          = { park = { recurrence = "cron(0 20 * * ? *)" } }
    statements         = [{ sid = "not a sid", actions = ["s3:GetObject"], resources = ["*"] }]
    load_balancers     = { public = { listener_arn = "arn", hosts = ["a.b", "b.b", "c.b", "d.b", "e.b", "f.b"], priority = 1 } }
  }

  expect_failures = [
    var.name, var.region, var.account_id, var.image, var.cpu_target, var.health, var.port, var.drain, var.slow_start, var.volume_gb,
    var.log_retention_days, var.parameter_prefix, var.settings, var.schedules, var.statements, var.load_balancers,
  ]
}

run "empty_setting" {
  command = plan

  variables {
    settings = { EMPTY = "" }
  }

  expect_failures = [var.settings]
}

run "min_above_max" {
  command = plan

  variables {
    min = 3
  }

  expect_failures = [aws_autoscaling_group.this]
}

run "desired_above_max" {
  command = plan

  variables {
    desired = 3
  }

  expect_failures = [aws_autoscaling_group.this]
}

run "requests_without_load_balancer" {
  command = plan

  variables {
    requests_target = 100
  }

  expect_failures = [aws_autoscaling_group.this]
}

run "long_script" {
  command = plan

  variables {
    script = join("", [for i in range(1000) : "echo this is number ${i}\n"])
  }

  expect_failures = [aws_launch_template.this]
}
