provider "aws" {
  region = "eu-west-1"
}

variables {
  name       = "shop-staging-robot"
  account_id = "123456789012"
  trusted    = ["github:shop/app:main"]
}

run "deploy" {
  variables {
    operations = {
      may           = ["deploy"]
      platform      = "shop"
      environment   = "staging"
      region        = "eu-west-1"
      groups        = ["shop-staging-web"]
      services      = { "shop-staging-api" = "shop-staging" }
      functions     = ["shop-staging-thumbnail"]
      parameters    = ["/shop/staging/web"]
      registries    = ["arn:aws:ecr:eu-west-1:123456789012:repository/shop-api"]
      distributions = ["arn:aws:cloudfront::123456789012:distribution/E1ABC"]
      clusters      = ["shop-staging-main"]
      states        = { bucket = "shop-state", read = ["a/network-shared"], write = ["a/staging"] }
    }
  }

  assert {
    condition = {
      for s in jsondecode(aws_iam_role_policy.operations[0].policy).Statement : s.Sid => s.Resource
      } == {
      RegistryLogin    = ["*"]
      PushImages       = ["arn:aws:ecr:eu-west-1:123456789012:repository/shop-api"]
      RollContainers   = ["arn:aws:ecs:eu-west-1:123456789012:service/shop-staging/shop-staging-api"]
      RollInstances    = ["arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/shop-staging-web"]
      WatchInstances   = ["*"]
      SetParameters    = ["arn:aws:ssm:eu-west-1:123456789012:parameter/shop/staging/web/*"]
      FunctionCode     = ["arn:aws:lambda:eu-west-1:123456789012:function:shop-staging-thumbnail"]
      InvalidateCaches = ["arn:aws:cloudfront::123456789012:distribution/E1ABC"]
    }
    error_message = "A deploy may do these things to these resources, and nothing else: no databases, no states."
  }
  assert {
    condition     = alltrue([for s in jsondecode(aws_iam_role_policy.operations[0].policy).Statement : alltrue([for a in s.Action : !strcontains(a, "*")])])
    error_message = "Its actions have names."
  }
  assert {
    condition     = length(aws_iam_role_policy.statements) == 0 && length(aws_iam_policy.look) == 0
    error_message = "Nothing is used, and nothing but a deploy is seen."
  }
}

run "scale" {
  command = plan

  variables {
    operations = {
      may         = ["scale"]
      platform    = "shop"
      environment = "staging"
      region      = "eu-west-1"
      groups      = ["shop-staging-web"]
      clusters    = ["shop-staging-main"]
      schedules   = { "shop-staging/hold-cluster-main" = "shop-staging" }
      states      = { bucket = "shop-state", read = ["a/network-shared"], write = ["a/staging"] }
    }
  }

  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.operations[0].policy).Statement : s.Sid] == ["CountInstances", "ReadStates", "FindStates", "WriteStates", "LockStates"]
    error_message = "Scaling looks, counts and remembers: it stops nothing."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.operations[0].policy).Statement[3].Resource == ["arn:aws:s3:::shop-state/a/staging.tfstate", "arn:aws:s3:::shop-state/a/staging.tfstate.tflock"]
    error_message = "Only states that it changes are written."
  }
}

run "park" {
  command = plan

  variables {
    operations = {
      may         = ["park", "resume"]
      platform    = "shop"
      environment = "staging"
      region      = "eu-west-1"
      network     = "shared"
      groups      = ["shop-staging-web"]
      clusters    = ["shop-staging-main"]
      databases   = ["shop-staging-old"]
      functions   = ["shop-staging-thumbnail"]
      schedules   = { "shop-staging/hold-cluster-main" = "shop-staging" }
      bastions    = ["shop-staging-engineers-bastion"]
    }
  }

  assert {
    condition = {
      for s in jsondecode(aws_iam_role_policy.operations[0].policy).Statement : s.Sid => try(s.Condition.StringEquals, null)
      if contains(["RemoveEnvironment", "RemoveNetwork", "ReturnNetwork", "BastionRole", "ScheduleRoles"], s.Sid)
      } == {
      RemoveEnvironment = { "aws:ResourceTag/groma:platform" = ["shop"], "aws:ResourceTag/groma:environment" = ["staging"] }
      RemoveNetwork     = { "aws:ResourceTag/groma:platform" = ["shop"], "aws:ResourceTag/groma:network" = ["shared"] }
      ReturnNetwork     = { "aws:RequestTag/groma:platform" = ["shop"], "aws:RequestTag/groma:network" = ["shared"] }
      BastionRole       = { "iam:PassedToService" = ["ec2.amazonaws.com"] }
      ScheduleRoles     = { "iam:PassedToService" = ["scheduler.amazonaws.com"] }
    }
    error_message = "What has an id of AWS's own is told by its tags; roles go to one service."
  }
  assert {
    condition = {
      for s in jsondecode(aws_iam_role_policy.operations[0].policy).Statement : s.Sid => s.Resource
      if contains(["StopDatabases", "BastionRole", "ScheduleRoles", "Schedules"], s.Sid)
      } == {
      StopDatabases = ["arn:aws:rds:eu-west-1:123456789012:cluster:shop-staging-main", "arn:aws:rds:eu-west-1:123456789012:db:shop-staging-old"]
      BastionRole   = ["arn:aws:iam::123456789012:role/shop-staging-engineers-bastion"]
      ScheduleRoles = ["arn:aws:iam::123456789012:role/shop-staging"]
      Schedules     = ["arn:aws:scheduler:eu-west-1:123456789012:schedule/shop-staging/hold-cluster-main"]
    }
    error_message = "Databases, schedules and roles are named."
  }
  assert {
    condition = alltrue([
      for s in jsondecode(aws_iam_role_policy.operations[0].policy).Statement :
      alltrue([for a in s.Action : !can(regex("^iam:(Create|Put|Attach|Update|Delete)", a)) && !can(regex("Delete(DB|Table|Bucket|Object)", a))])
    ])
    error_message = "No operation makes rights, and none destroys data."
  }
}

run "status" {
  command = plan

  variables {
    operations = {
      may         = ["status"]
      platform    = "shop"
      environment = "staging"
      region      = "eu-west-1"
      groups      = ["shop-staging-web"]
      clusters    = ["shop-staging-main"]
    }
  }

  assert {
    condition     = length(aws_iam_role_policy.operations) == 0 && aws_iam_role_policy_attachment.look[0].role == "shop-staging-robot"
    error_message = "A look changes nothing."
  }
  assert {
    condition = alltrue([
      for a in jsondecode(aws_iam_policy.look[0].policy).Statement[0].Action :
      can(regex("^[a-z0-9-]+:(Describe|Get|List)", a)) && !contains(["s3:GetObject", "secretsmanager:GetSecretValue", "sqs:ReceiveMessage"], a)
    ])
    error_message = "It reads how things are, not what is in them."
  }
}

run "unknown" {
  command = plan

  variables {
    operations = { may = ["up"], platform = "shop", environment = "staging", region = "eu-west-1" }
  }

  expect_failures = [var.operations]
}

run "of_nothing" {
  command = plan

  variables {
    operations = { may = ["park"], platform = "shop", environment = "", region = "eu-west-1" }
  }

  expect_failures = [var.operations]
}
