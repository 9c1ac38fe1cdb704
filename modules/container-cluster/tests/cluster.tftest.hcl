# Fargate alone is applied. An API server may forget the tags of an association and
# managed_draining; with instances, things are planned only: they need a network that is there.

provider "aws" {
  region = "eu-west-1"
}

variables {
  name       = "groma-test"
  region     = "eu-west-1"
  account_id = "123456789012"
}

run "fargate" {
  assert {
    condition     = output.cluster_arn == aws_ecs_cluster.this.arn && output.capacity_provider == null && output.security_group_id == null
    error_message = "The built ARN must be the cluster's."
  }
  assert {
    condition     = contains(aws_ecs_cluster_capacity_providers.this.capacity_providers, "FARGATE_SPOT")
    error_message = "Both kinds of Fargate must be there."
  }
  assert {
    condition     = one(aws_ecs_cluster.this.setting).value == "enabled"
    error_message = "Container Insights are on."
  }
}

run "both" {
  command = plan

  variables {
    capacity      = "both"
    vpc_id        = "vpc-0123456789abcdef0"
    subnet_ids    = ["subnet-0123456789abcdef0"]
    instance_type = "c7gn.medium"
    max           = 3
  }

  assert {
    condition     = strcontains(aws_launch_template.this[0].image_id, "amazon-linux-2023/arm64") && aws_launch_template.this[0].metadata_options[0].http_tokens == "required"
    error_message = "Graviton types need an image for arm64."
  }
  assert {
    condition     = output.capacity_provider == "groma-test-instances" && aws_autoscaling_group.this[0].max_size == 3
    error_message = "Instances come through a capacity provider."
  }
}

run "intel" {
  command = plan

  variables {
    capacity      = "instances"
    vpc_id        = "vpc-0123456789abcdef0"
    subnet_ids    = ["subnet-0123456789abcdef0"]
    instance_type = "m7i.large"
    min           = 0
    max           = 0
  }

  assert {
    condition     = !strcontains(aws_launch_template.this[0].image_id, "arm64") && aws_autoscaling_group.this[0].desired_capacity == 0
    error_message = "Other types need the other image; an empty cluster is empty."
  }
}

run "values" {
  command = plan

  variables {
    name     = "ecs-cluster"
    capacity = "lambda"
    insights = "on"
    image    = "linux"
    target   = 0
  }

  expect_failures = [var.name, var.capacity, var.insights, var.image, var.target]
}

run "no_subnets" {
  command = plan

  variables {
    capacity = "instances"
  }

  expect_failures = [aws_autoscaling_group.this]
}
