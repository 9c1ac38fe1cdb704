provider "aws" {
  region = "eu-west-1"
}

variables {
  name       = "levels-test-events"
  region     = "eu-west-1"
  account_id = "123456789012"
  vpc_id     = "vpc-0123456789abcdef0"
  subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
}

run "values" {
  command = plan

  variables {
    name               = "Events"
    region             = "x"
    account_id         = "x"
    subnet_ids         = ["subnet-0123456789abcdef0"]
    kafka_version      = "3"
    brokers_per_zone   = 0
    instance_type      = "m7g.large"
    storage_gb         = 0
    monitoring         = "ALL"
    log_retention_days = 2
    kms_key_arn        = "x"
  }

  expect_failures = [
    var.name,
    var.region,
    var.account_id,
    var.kafka_version,
    var.brokers_per_zone,
    var.instance_type,
    var.storage_gb,
    var.monitoring,
    var.log_retention_days,
    var.subnet_ids,
    var.kms_key_arn,
  ]
}
