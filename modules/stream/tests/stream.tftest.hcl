provider "aws" {
  region = "eu-west-1"
}

variables {
  name   = "levels-test-events"
  region = "eu-west-1"
}

run "setup" {
  module {
    source = "./tests/setup"
  }
}

# Planned, not applied: API servers for tests do not have all of MSK.
run "stream" {
  command = plan

  variables {
    account_id = run.setup.account_id
    vpc_id     = run.setup.vpc_id
    subnet_ids = run.setup.subnet_ids
  }

  assert {
    condition     = output.topic_arn_pattern == "arn:aws:kafka:eu-west-1:${run.setup.account_id}:topic/levels-test-events/*"
    error_message = "The pattern must be known while planning."
  }

  assert {
    condition     = aws_msk_cluster.this.number_of_broker_nodes == 3
    error_message = "There must be a broker in each zone."
  }

  assert {
    condition     = one(one(aws_msk_cluster.this.encryption_info).encryption_in_transit).client_broker == "TLS"
    error_message = "Clients must use TLS."
  }

  assert {
    condition     = one(one(aws_msk_cluster.this.client_authentication).sasl).iam && !one(aws_msk_cluster.this.client_authentication).unauthenticated
    error_message = "Clients must log in with IAM."
  }

  assert {
    condition     = strcontains(aws_msk_configuration.this.server_properties, "min.insync.replicas=2\n")
    error_message = "One zone must be allowed to fail without losing what was written."
  }
}

run "larger" {
  command = plan

  variables {
    account_id       = run.setup.account_id
    vpc_id           = run.setup.vpc_id
    subnet_ids       = run.setup.subnet_ids
    brokers_per_zone = 2
    protect          = true
    parameters       = { "num.partitions" = "12" }
  }

  assert {
    condition     = aws_msk_cluster.this.number_of_broker_nodes == 6
    error_message = "Two brokers in each of three zones."
  }

  assert {
    condition     = strcontains(aws_msk_configuration.this.server_properties, "num.partitions=12\n") && strcontains(aws_msk_configuration.this.server_properties, "delete.topic.enable=false\n")
    error_message = "Parameters must win over the defaults, and protect must keep topics."
  }
}
