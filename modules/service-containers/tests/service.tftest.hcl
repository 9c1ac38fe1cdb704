provider "aws" {
  region = "eu-west-1"
}

variables {
  name       = "groma-test-api"
  region     = "eu-west-1"
  account_id = "123456789012"
  image      = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/groma-test:latest"
  min        = 2
  max        = 6
  cpu        = 512
  memory     = 1024
  settings   = { GREETING = "hello", ALPHA = "first" }
  secrets    = { PASSWORD = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:groma/test-AbCdEf:password::" }
  port       = 8080
  health     = "/healthz"
  drain      = 200
  time_zone  = "Europe/Berlin"
  tags       = { environment = "test" }

  statements = [{
    sid       = "Send"
    actions   = ["sqs:SendMessage"]
    resources = ["arn:aws:sqs:eu-west-1:123456789012:jobs"]
  }]
}

run "around" {
  module {
    source = "./tests/setup"
  }

  variables {
    name = "groma-test-sc"
  }
}

run "cluster" {
  module {
    source = "../container-cluster"
  }

  variables {
    name  = "groma-test-sc"
    image = null
  }
}

run "fixed" {
  variables {
    vpc_id       = run.around.vpc_id
    subnet_ids   = run.around.subnet_ids
    cluster_arn  = run.cluster.cluster_arn
    cluster_name = run.cluster.cluster_name

    load_balancers = {
      public = { listener_arn = run.around.listener_arn, arn_suffix = run.around.arn_suffix, hosts = ["api.example.com"], priority = 10 }
    }
  }

  assert {
    condition     = aws_ecs_service.fixed[0].desired_count == 2 && length(aws_ecs_service.scaled) == 0 && output.service_name == aws_ecs_service.fixed[0].name
    error_message = "Without scaling there is the fixed service."
  }
  assert {
    condition     = one(aws_ecs_service.fixed[0].network_configuration[*].assign_public_ip) == false && aws_ecs_service.fixed[0].deployment_circuit_breaker[0].rollback
    error_message = "No public address; versions that fail are taken back."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment[0].name == "ALPHA"
    error_message = "The environment must be in the order of names."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].stopTimeout == 120
    error_message = "ECS waits at most two minutes."
  }
  assert {
    condition = contains(flatten([for s in jsondecode(aws_iam_role_policy.execution.policy).Statement : s.Resource]), "arn:aws:secretsmanager:eu-west-1:123456789012:secret:groma/test-AbCdEf") && contains(flatten([
      for s in jsondecode(aws_iam_role_policy.execution.policy).Statement : s.Resource
    ]), "arn:aws:ecr:eu-west-1:123456789012:repository/groma-test")
    error_message = "The role that starts tasks reads exactly the secret and the repository."
  }
  assert {
    condition     = output.role_arn == aws_iam_role.task.arn && output.execution_role_arn == aws_iam_role.execution.arn
    error_message = "Built outputs must be what there is."
  }
  assert {
    condition     = aws_lb_target_group.this["public"].target_type == "ip"
    error_message = "Tasks are targets by address."
  }
}

run "fixed_parked" {
  variables {
    vpc_id       = run.around.vpc_id
    subnet_ids   = run.around.subnet_ids
    cluster_arn  = run.cluster.cluster_arn
    cluster_name = run.cluster.cluster_name
    parked       = true
  }

  assert {
    condition     = aws_ecs_service.fixed[0].desired_count == 0
    error_message = "Parked means that nothing runs."
  }
}

# Application Auto Scaling: planned only, because moto lacks its ListTagsForResource, which
# the provider calls after each change.

run "scaled" {
  command = plan

  variables {
    vpc_id       = run.around.vpc_id
    subnet_ids   = run.around.subnet_ids
    cluster_arn  = run.cluster.cluster_arn
    cluster_name = run.cluster.cluster_name
    cpu_target   = 60
    backlog      = { queue_name = "jobs", per_instance = 50 }
    desired      = 3

    schedules = {
      park   = { recurrence = "cron(0 20 ? * MON-FRI *)", min = 0, max = 0, desired = 0 }
      resume = { recurrence = "cron(0 7 ? * MON-FRI *)", min = 2, max = 6 }
    }
  }

  assert {
    condition     = aws_ecs_service.scaled[0].desired_count == 3 && aws_ecs_service.scaled[0].name == "groma-test-api" && length(aws_ecs_service.fixed) == 0
    error_message = "A service that scales itself begins with desired."
  }
  assert {
    condition     = aws_appautoscaling_target.this[0].resource_id == "service/groma-test-sc/groma-test-api" && aws_appautoscaling_target.this[0].max_capacity == 6
    error_message = "Application Auto Scaling must know it."
  }
  assert {
    condition     = length(aws_appautoscaling_scheduled_action.this) == 2 && length(aws_appautoscaling_policy.backlog) == 1
    error_message = "Both schedules and the policy must be there."
  }
}

run "asleep" {
  command = plan

  variables {
    vpc_id       = run.around.vpc_id
    subnet_ids   = run.around.subnet_ids
    cluster_arn  = run.cluster.cluster_arn
    cluster_name = run.cluster.cluster_name
    cpu_target   = 60
    asleep       = true
    schedules    = { resume = { recurrence = "cron(0 7 ? * MON-FRI *)", min = 2, max = 6 } }
  }

  assert {
    condition     = aws_appautoscaling_target.this[0].max_capacity == 0 && length(aws_appautoscaling_scheduled_action.this) == 1
    error_message = "Asleep, the schedules stay."
  }
}

run "parked" {
  command = plan

  variables {
    vpc_id       = run.around.vpc_id
    subnet_ids   = run.around.subnet_ids
    cluster_arn  = run.cluster.cluster_arn
    cluster_name = run.cluster.cluster_name
    cpu_target   = 60
    parked       = true
  }

  assert {
    condition     = length(aws_ecs_service.scaled) == 0 && length(aws_appautoscaling_target.this) == 0 && output.service_name == "groma-test-api"
    error_message = "Parked means that nothing runs."
  }
}
