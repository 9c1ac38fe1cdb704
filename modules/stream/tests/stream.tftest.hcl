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

run "stream" {
  variables {
    account_id = run.setup.account_id
    vpc_id     = run.setup.vpc_id
    subnet_ids = run.setup.subnet_ids
  }

  assert {
    condition     = startswith(output.arn, trimsuffix(output.arn_pattern, "*"))
    error_message = "The pattern must match the ARN that AWS gives."
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

  assert {
    condition     = length(aws_security_group.this.ingress) == 0 && length(aws_security_group.this.egress) == 0
    error_message = "The security group must have no rules."
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
