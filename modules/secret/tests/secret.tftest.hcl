provider "aws" {
  region = "eu-west-1"
}

variables {
  name   = "levels/test/app-config"
  region = "eu-west-1"
}

run "setup" {
  module {
    source = "./tests/setup"
  }
}

run "secret" {
  variables {
    account_id = run.setup.account_id
  }

  assert {
    condition     = startswith(output.arn, trimsuffix(output.arn_pattern, "??????")) && length(output.arn) == length(output.arn_pattern)
    error_message = "The pattern must match the ARN that AWS gives."
  }

  assert {
    condition     = aws_secretsmanager_secret.this.recovery_window_in_days == 0
    error_message = "Without protect the name must be free at once."
  }
}

run "protected" {
  command = plan

  variables {
    account_id = run.setup.account_id
    protect    = true
  }

  assert {
    condition     = aws_secretsmanager_secret.this.recovery_window_in_days == 30
    error_message = "With protect a deleted secret must be restorable for 30 days."
  }
}

run "values" {
  command = plan

  variables {
    name        = "/levels/test/"
    region      = "eu-west-1a"
    account_id  = 12345678901
    kms_key_arn = "1234abcd"
  }

  expect_failures = [
    var.name,
    var.region,
    var.account_id,
    var.kms_key_arn,
  ]
}
