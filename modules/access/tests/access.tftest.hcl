provider "aws" {
  region = "eu-west-1"
}

variables {
  name       = "groma-test-engineers"
  region     = "eu-west-1"
  account_id = "123456789012"
  group      = "sso:engineers"
}

run "around" {
  module {
    source = "./tests/setup"
  }
}

run "up" {
  variables {
    vpc_id        = run.around.vpc_id
    subnet_ids    = run.around.subnet_ids
    allow_cidrs   = ["203.0.113.0/24"]
    session_hours = 2
    image         = "ami-0123456789abcdef0"
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.IpAddress["aws:SourceIp"] == ["203.0.113.0/24"]
    error_message = "The role is for people from these addresses."
  }
  assert {
    condition     = strcontains(jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.ArnLike["aws:PrincipalArn"][0], "AWSReservedSSO_engineers_")
    error_message = "The role is for this permission set."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.tunnels.policy).Statement[0].Condition.StringEquals == { "ssm:resourceTag/Name" = [aws_instance.bastion[0].tags.Name] } && alltrue([for s in slice(jsondecode(aws_iam_role_policy.tunnels.policy).Statement, 0, 2) : s.Condition.BoolIfExists["ssm:SessionDocumentAccessCheck"] == ["true"]])
    error_message = "Sessions are on the bastion only, and the document is looked at."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.tunnels.policy).Statement[1].Resource == ["arn:aws:ssm:eu-west-1::document/AWS-StartPortForwardingSessionToRemoteHost"]
    error_message = "Sessions are with the forwarding document only."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.tunnels.policy).Statement[2].Condition.StringEquals["ssm:resourceTag/aws:ssmmessages:session-id"] == ["$${aws:userid}"]
    error_message = "Only one's own sessions can be ended."
  }
  assert {
    condition     = length(aws_security_group.this.ingress) == 0 && length(aws_security_group.this.egress) == 0
    error_message = "The security group must have no rules."
  }
  assert {
    condition     = aws_iam_role.this.max_session_duration == 7200 && output.role_arn == aws_iam_role.this.arn && output.instance_id == aws_instance.bastion[0].id
    error_message = "Sessions last as long as said; outputs are what there is."
  }
}

run "without_bastion" {
  command = plan

  variables {
    vpc_id     = run.around.vpc_id
    subnet_ids = run.around.subnet_ids
    bastion    = false
    group      = "account"
  }

  assert {
    condition     = length(aws_instance.bastion) == 0 && output.instance_id == null
    error_message = "Without a bastion, there is nothing to start a session on."
  }
  assert {
    condition     = !can(jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition)
    error_message = "Without addresses and permission set there is no condition."
  }
}

run "values" {
  command = plan

  variables {
    vpc_id        = "vpc-0123456789abcdef0"
    subnet_ids    = []
    group         = "engineers"
    allow_cidrs   = ["203.0.113.7"]
    session_hours = 24
    image         = "linux"
  }

  expect_failures = [var.subnet_ids, var.group, var.allow_cidrs, var.session_hours, var.image]
}
