# No tags for the launch template here: moto takes them for part of the template, so that
# the next apply makes a second version, and from those it cannot start instances that
# have user data.

provider "aws" {
  region = "eu-west-1"
}

variables {
  name             = "groma-test-web"
  region           = "eu-west-1"
  account_id       = "123456789012"
  image            = "resolve:ssm:/aws/service/canonical/ubuntu/server/24.04/stable/current/arm64/hvm/ebs-gp3/ami-id"
  min              = 2
  max              = 6
  parameter_prefix = "/groma/test/web"
  settings         = { GREETING = "hello", QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs" }
  port             = 8080
  health           = "/healthz"
  cpu_target       = 60
  requests_target  = 1000
  backlog          = { queue_name = "jobs", per_instance = 50 }
  time_zone        = "Europe/Berlin"

  statements = [{
    sid       = "Send"
    actions   = ["sqs:SendMessage"]
    resources = ["arn:aws:sqs:eu-west-1:123456789012:jobs"]
    conditions = [
      { test = "StringEquals", variable = "aws:ResourceTag/environment", values = ["test"] },
      { test = "Bool", variable = "aws:SecureTransport", values = ["true"] },
    ]
  }]

  schedules = {
    park   = { recurrence = "0 20 * * 1-5", min = 0, max = 0, desired = 0 }
    resume = { recurrence = "0 7 * * 1-5", min = 2, max = 6 }
  }
}

run "around" {
  module {
    source = "./tests/setup"
  }

  variables {
    name = "groma-test-si"
  }
}

run "up" {
  variables {
    vpc_id     = run.around.vpc_id
    subnet_ids = run.around.subnet_ids

    load_balancers = {
      public   = { listener_arn = run.around.listener_arn, arn_suffix = run.around.arn_suffix, hosts = ["web.example.com"], priority = 10 }
      internal = { listener_arn = run.around.listener_arn, paths = ["/internal/*"], priority = 11 }
    }
  }

  assert {
    condition     = aws_autoscaling_group.this.desired_capacity == 2 && aws_autoscaling_group.this.max_size == 6
    error_message = "A new group begins with min."
  }
  assert {
    condition     = aws_launch_template.this.metadata_options[0].http_tokens == "required" && aws_launch_template.this.block_device_mappings[0].ebs[0].encrypted == "true"
    error_message = "IMDSv2 and encryption must be on."
  }
  assert {
    condition     = aws_launch_template.this.block_device_mappings[0].device_name == "/dev/sda1"
    error_message = "Ubuntu's root device has a name of its own."
  }
  assert {
    condition     = output.role_arn == aws_iam_role.this.arn && output.autoscaling_group_name == aws_autoscaling_group.this.name && output.log_group_name == aws_cloudwatch_log_group.this.name
    error_message = "Built outputs must be what there is."
  }
  assert {
    condition     = length(aws_security_group.this.egress) == 0 && length(aws_security_group.this.ingress) == 0
    error_message = "The security group must have no rules."
  }
  assert {
    condition     = aws_ssm_parameter.settings["GREETING"].name == "/groma/test/web/GREETING"
    error_message = "Settings belong below the prefix."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.statements[0].policy).Statement[0].Condition.Bool["aws:SecureTransport"] == ["true"]
    error_message = "Conditions must be kept."
  }
  assert {
    condition     = !strcontains(aws_iam_role_policy.base.policy, "parameter/*")
    error_message = "Other parameters must be out of reach."
  }
  assert {
    condition     = aws_lb_target_group.this["public"].name == "groma-test-web" && aws_lb_target_group.this["internal"].name == "groma-test-web-internal" && output.target_group_arn == aws_lb_target_group.this["public"].arn
    error_message = "The public target group has the plain name and is the main one."
  }
  assert {
    condition     = length(aws_autoscaling_attachment.this) == 2 && aws_autoscaling_group.this.health_check_type == "ELB"
    error_message = "Both target groups must be attached."
  }
  assert {
    condition     = contains([for t in aws_autoscaling_group.this.tag : "${t.key}=${t.value}" if t.propagate_at_launch], "Name=groma-test-web")
    error_message = "Instances must carry their name."
  }
  assert {
    condition     = length(aws_autoscaling_schedule.this) == 2
    error_message = "Both schedules must be there."
  }
}

run "again" {
  command = plan

  variables {
    vpc_id     = run.around.vpc_id
    subnet_ids = run.around.subnet_ids

    load_balancers = {
      public   = { listener_arn = run.around.listener_arn, arn_suffix = run.around.arn_suffix, hosts = ["web.example.com"], priority = 10 }
      internal = { listener_arn = run.around.listener_arn, paths = ["/internal/*"], priority = 11 }
    }
  }

  assert {
    condition     = aws_autoscaling_group.this.desired_capacity == 2
    error_message = "What runs is left alone."
  }
}

run "scaled" {
  variables {
    vpc_id          = run.around.vpc_id
    subnet_ids      = run.around.subnet_ids
    desired         = 5
    requests_target = null
  }

  assert {
    condition     = aws_autoscaling_group.this.desired_capacity == 5
    error_message = "A number holds."
  }
  assert {
    condition     = length(aws_lb_target_group.this) == 0 && aws_autoscaling_group.this.health_check_type == "EC2"
    error_message = "Without load balancers there are no target groups."
  }
}

run "parked" {
  variables {
    vpc_id          = run.around.vpc_id
    subnet_ids      = run.around.subnet_ids
    requests_target = null
    parked          = true
  }

  assert {
    condition     = aws_autoscaling_group.this.desired_capacity == 0 && aws_autoscaling_group.this.max_size == 0
    error_message = "Parked means that nothing runs."
  }
  assert {
    condition     = length(aws_autoscaling_schedule.this) == 0
    error_message = "No schedule may wake up what was parked by hand."
  }
}

run "resumed" {
  variables {
    vpc_id          = run.around.vpc_id
    subnet_ids      = run.around.subnet_ids
    requests_target = null
    desired         = 5
  }

  assert {
    condition     = aws_autoscaling_group.this.desired_capacity == 5 && aws_autoscaling_group.this.min_size == 2 && aws_autoscaling_group.this.max_size == 6
    error_message = "Resuming brings back exactly what was."
  }
}

run "after_resume" {
  variables {
    vpc_id          = run.around.vpc_id
    subnet_ids      = run.around.subnet_ids
    requests_target = null
  }

  assert {
    condition     = aws_autoscaling_group.this.desired_capacity == 5
    error_message = "The next apply leaves it alone."
  }
}

run "asleep" {
  command = plan

  variables {
    vpc_id          = run.around.vpc_id
    subnet_ids      = run.around.subnet_ids
    requests_target = null
    asleep          = true
  }

  assert {
    condition     = aws_autoscaling_group.this.max_size == 0 && length(aws_autoscaling_schedule.this) == 2
    error_message = "Asleep, the schedules stay."
  }
}
