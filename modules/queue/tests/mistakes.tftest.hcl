provider "aws" {
  region = "eu-west-1"
}

variables {
  name       = "levels-test-jobs"
  region     = "eu-west-1"
  account_id = "123456789012"
}

run "values" {
  command = plan

  variables {
    name               = "levels.jobs"
    region             = "Ireland"
    account_id         = "12345"
    visibility_seconds = 50000
    retention_days     = 15
    retries            = 0
    delay_seconds      = 901
    publishers         = { role = { principal = "arn:aws:iam::123456789012:role/x", source_arn = "*" } }
    kms_key_arn        = "alias/mine"
  }

  expect_failures = [
    var.name,
    var.region,
    var.account_id,
    var.visibility_seconds,
    var.retention_days,
    var.retries,
    var.delay_seconds,
    var.publishers,
    var.kms_key_arn,
  ]
}
