provider "aws" {
  region = "eu-west-1"
}

variables {
  name   = "levels-test-sessions"
  region = "eu-west-1"
  engine = "valkey-8.0"
}

run "setup" {
  module {
    source = "./tests/setup"
  }
}

# Planned, not applied: API servers for tests do not have all of ElastiCache.
run "replicated" {
  command = plan

  variables {
    account_id = run.setup.account_id
    vpc_id     = run.setup.vpc_id
    subnet_ids = run.setup.subnet_ids
  }

  assert {
    condition     = output.arn == "arn:aws:elasticache:eu-west-1:${run.setup.account_id}:replicationgroup:levels-test-sessions"
    error_message = "The ARN must be known while planning."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.num_cache_clusters == 2 && aws_elasticache_replication_group.this.automatic_failover_enabled && aws_elasticache_replication_group.this.multi_az_enabled
    error_message = "There must be a replica in another zone to fail over to."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.transit_encryption_enabled && tobool(aws_elasticache_replication_group.this.at_rest_encryption_enabled)
    error_message = "Data must be encrypted on the way and at rest."
  }
}

run "cluster" {
  command = plan

  variables {
    account_id = run.setup.account_id
    vpc_id     = run.setup.vpc_id
    subnet_ids = run.setup.subnet_ids
    name       = "levels-test-cluster"
    engine     = "redis-7.1"
    shards     = 3
    replicas   = 2
    parameters = { maxmemory-policy = "allkeys-lru" }
  }

  assert {
    condition     = aws_elasticache_replication_group.this.num_node_groups == 3 && aws_elasticache_replication_group.this.replicas_per_node_group == 2
    error_message = "There must be three shards with two replicas each."
  }

  assert {
    condition     = aws_elasticache_parameter_group.this[0].family == "redis7" && contains([for p in aws_elasticache_parameter_group.this[0].parameter : "${p.name}=${p.value}"], "cluster-enabled=yes")
    error_message = "Parameters of one's own must keep the cluster a cluster."
  }
}
