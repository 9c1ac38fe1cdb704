provider "aws" {
  region = "eu-west-1"
}

variables {
  name           = "levels-test-main"
  region         = "eu-west-1"
  engine         = "aurora-mysql-8.0"
  instance_class = "db.r7g.large"
}

run "setup" {
  module {
    source = "./tests/setup"
  }
}

run "aurora" {
  variables {
    account_id = run.setup.account_id
    vpc_id     = run.setup.vpc_id
    subnet_ids = run.setup.subnet_ids
    readers    = 1
  }

  assert {
    condition     = output.kind == "cluster" && output.engine_family == "mysql" && output.port == 3306
    error_message = "Aurora MySQL is a cluster that speaks MySQL on 3306."
  }

  assert {
    condition     = output.arn == aws_rds_cluster.this[0].arn
    error_message = "The ARN that is built from names must be the one that AWS gives."
  }

  assert {
    condition     = aws_rds_cluster_instance.this[*].identifier == ["levels-test-main-1", "levels-test-main-2"]
    error_message = "There must be a writer and a reader."
  }

  assert {
    condition     = output.reader_endpoint == aws_rds_cluster.this[0].reader_endpoint
    error_message = "With a reader, reading must go to it."
  }

  assert {
    condition     = aws_rds_cluster.this[0].storage_encrypted && aws_rds_cluster.this[0].iam_database_authentication_enabled && aws_rds_cluster.this[0].manage_master_user_password
    error_message = "Storage must be encrypted, logins with IAM possible and the password RDS's own."
  }

  assert {
    condition     = contains([for p in aws_rds_cluster_parameter_group.this[0].parameter : "${p.name}=${p.value}"], "require_secure_transport=ON")
    error_message = "TLS must be required."
  }

  assert {
    condition     = length(aws_security_group.this.ingress) == 0 && length(aws_security_group.this.egress) == 0
    error_message = "The security group must have no rules."
  }

  assert {
    condition     = local.insights
    error_message = "The class has Performance Insights."
  }
}
