provider "aws" {
  region = "eu-west-1"
}

variables {
  name           = "levels-test-small"
  region         = "eu-west-1"
  engine         = "postgres-16"
  instance_class = "db.t4g.small"
}

run "setup" {
  module {
    source = "./tests/setup"
  }
}

run "postgres" {
  variables {
    account_id = run.setup.account_id
    vpc_id     = run.setup.vpc_id
    subnet_ids = run.setup.subnet_ids
  }

  assert {
    condition     = output.kind == "instance" && output.engine_family == "postgres" && output.port == 5432
    error_message = "PostgreSQL outside Aurora is an instance on 5432."
  }

  assert {
    condition     = output.arn == aws_db_instance.this[0].arn
    error_message = "The ARN that is built from names must be the one that AWS gives."
  }

  assert {
    condition     = output.reader_endpoint == output.endpoint
    error_message = "Without readers, reading must go to the one endpoint."
  }

  assert {
    condition     = aws_db_instance.this[0].storage_encrypted && !aws_db_instance.this[0].publicly_accessible && !aws_db_instance.this[0].multi_az
    error_message = "The disk must be encrypted, nothing public, and no standby without protect."
  }

  assert {
    condition     = contains([for p in aws_db_parameter_group.this[0].parameter : "${p.name}=${p.value}"], "rds.force_ssl=1")
    error_message = "TLS must be required."
  }

  assert {
    condition     = aws_db_instance.this[0].skip_final_snapshot
    error_message = "Without protect nothing may be left."
  }
}

run "protected" {
  command = plan

  variables {
    account_id = run.setup.account_id
    vpc_id     = run.setup.vpc_id
    subnet_ids = run.setup.subnet_ids
    protect    = true
  }

  assert {
    condition     = aws_db_instance.this[0].deletion_protection && aws_db_instance.this[0].multi_az && aws_db_instance.this[0].final_snapshot_identifier == "levels-test-small-final"
    error_message = "With protect the database must refuse deletion, have a standby and leave a snapshot."
  }
}

run "mariadb" {
  command = plan

  variables {
    account_id     = run.setup.account_id
    vpc_id         = run.setup.vpc_id
    subnet_ids     = run.setup.subnet_ids
    engine         = "mariadb-11.4"
    instance_class = "db.t4g.micro"
  }

  assert {
    condition     = aws_db_parameter_group.this[0].family == "mariadb11.4" && contains([for p in aws_db_parameter_group.this[0].parameter : "${p.name}=${p.value}"], "require_secure_transport=1")
    error_message = "MariaDB must require TLS too."
  }

  assert {
    condition     = aws_db_instance.this[0].performance_insights_enabled == false
    error_message = "AWS refuses Performance Insights for this class."
  }
}

run "pinned" {
  command = plan

  variables {
    account_id = run.setup.account_id
    vpc_id     = run.setup.vpc_id
    subnet_ids = run.setup.subnet_ids
    engine     = "postgres-16.4"
  }

  assert {
    condition     = aws_db_parameter_group.this[0].family == "postgres16" && aws_db_instance.this[0].engine_version == "16.4" && !aws_db_instance.this[0].auto_minor_version_upgrade
    error_message = "A pinned minor version must stay."
  }
}
