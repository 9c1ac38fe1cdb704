provider "aws" {
  region = "eu-west-1"
}

variables {
  name       = "levels-test-sessions"
  region     = "eu-west-1"
  account_id = "123456789012"
  engine     = "valkey-8.0"
  vpc_id     = "vpc-0123456789abcdef0"
  subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
}

run "values" {
  command = plan

  variables {
    name               = "levels-test-sessions-of-everybody-everywhere"
    region             = "x"
    account_id         = "x"
    engine             = "memcached-1.6"
    node_type          = "t4g.micro"
    replicas           = 6
    shards             = -1
    subnet_ids         = []
    port               = 0
    backup_days        = 36
    parameters         = { cluster-enabled = "yes" }
    maintenance_window = "Sunday"
    log_retention_days = 2
  }

  expect_failures = [
    var.name,
    var.region,
    var.account_id,
    var.engine,
    var.node_type,
    var.replicas,
    var.shards,
    var.subnet_ids,
    var.port,
    var.backup_days,
    var.parameters,
    var.maintenance_window,
    var.log_retention_days,
  ]
}

run "replicas_need_zones" {
  command = plan

  variables {
    subnet_ids = ["subnet-0123456789abcdef0"]
  }

  expect_failures = [
    aws_elasticache_replication_group.this,
  ]
}
