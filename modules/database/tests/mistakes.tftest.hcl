provider "aws" {
  region = "eu-west-1"
}

variables {
  name           = "levels-test-main"
  region         = "eu-west-1"
  account_id     = "123456789012"
  engine         = "postgres-16"
  instance_class = "db.t4g.small"
  vpc_id         = "vpc-0123456789abcdef0"
  subnet_ids     = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
}

run "values" {
  command = plan

  variables {
    name               = "levels--main"
    region             = "eu-west-1a"
    account_id         = "12345678901a"
    engine             = "oracle-19"
    instance_class     = "r7g.large"
    serverless         = { min = 4, max = 2 }
    readers            = 16
    subnet_ids         = ["subnet-0123456789abcdef0"]
    port               = 80
    database           = "my-app"
    username           = "admin"
    storage_gb         = 5
    backup_days        = 0
    backup_window      = "2am"
    parameters         = { "rds.force_ssl" = "0" }
    kms_key_arn        = "alias/aws/rds"
    log_exports        = ["slow"]
    log_retention_days = 31
  }

  expect_failures = [
    var.name,
    var.region,
    var.account_id,
    var.engine,
    var.instance_class,
    var.serverless,
    var.readers,
    var.subnet_ids,
    var.port,
    var.database,
    var.username,
    var.storage_gb,
    var.backup_days,
    var.backup_window,
    var.parameters,
    var.kms_key_arn,
    var.log_exports,
    var.log_retention_days,
  ]
}

run "readers_outside_aurora" {
  command = plan

  variables {
    readers = 1
  }

  expect_failures = [
    aws_db_instance.this[0],
  ]
}

run "serverless_outside_aurora" {
  command = plan

  variables {
    serverless = { min = 0.5, max = 4 }
  }

  expect_failures = [
    aws_db_instance.this[0],
  ]
}

run "class_and_serverless" {
  command = plan

  variables {
    engine     = "aurora-postgresql-16"
    serverless = { min = 0.5, max = 4 }
  }

  expect_failures = [
    aws_rds_cluster.this[0],
  ]
}
