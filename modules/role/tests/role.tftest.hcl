provider "aws" {
  region = "eu-west-1"
}

variables {
  name       = "groma-test-deploy"
  account_id = "123456789012"
}

run "everybody" {
  variables {
    trusted         = ["account:210987654321", "arn:aws:iam::123456789012:role/other", "sso:engineers", "github:groma/levels:main", "github:groma/levels:environment:prod", "github:groma/web", "service:ec2.amazonaws.com"]
    session_hours   = 4
    github_provider = true

    statements = [{
      sid       = "Write"
      actions   = ["s3:PutObject"]
      resources = ["arn:aws:s3:::groma-test-bundles/*"]
    }]
  }

  assert {
    condition     = output.arn == aws_iam_role.this.arn && aws_iam_role.this.max_session_duration == 14400
    error_message = "The built ARN must be the role's."
  }
  assert {
    condition     = local.subjects == ["repo:groma/levels:ref:refs/heads/main", "repo:groma/levels:environment:prod", "repo:groma/web:*"]
    error_message = "Workflows are told apart by repository and ref."
  }
  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Principal.AWS == ["arn:aws:iam::210987654321:root", "arn:aws:iam::123456789012:role/other"]
    error_message = "Accounts and ARNs must be trusted."
  }
  assert {
    condition     = length(jsondecode(aws_iam_role.this.assume_role_policy).Statement) == 4
    error_message = "Each kind of trust is a statement."
  }
}

run "one" {
  command = plan

  variables {
    trusted = ["github:groma/levels:pull_request"]
  }

  assert {
    condition     = local.subjects == ["repo:groma/levels:pull_request"] && length(jsondecode(aws_iam_role.this.assume_role_policy).Statement) == 1
    error_message = "Only what is trusted is in the policy."
  }
  assert {
    condition     = length(aws_iam_role_policy.statements) == 0 && length(aws_iam_openid_connect_provider.github) == 0
    error_message = "What is not asked for is not made."
  }
}

run "values" {
  command = plan

  variables {
    name          = "1 role"
    trusted       = ["arn:aws:iam::*:root"]
    session_hours = 13
  }

  expect_failures = [var.name, var.trusted, var.session_hours]
}

run "nobody" {
  command = plan

  variables {
    trusted = []
  }

  expect_failures = [var.trusted]
}
