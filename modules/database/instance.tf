# MySQL, MariaDB and PostgreSQL outside Aurora: one instance, with a standby in
# another zone if multi_az says so.

resource "aws_db_parameter_group" "this" {
  count = local.is_cluster ? 0 : 1

  # The family is in the name: see the cluster's.
  name        = "${var.name}-${replace(local.parameter_family, ".", "-")}"
  description = "Database ${var.name}"
  family      = local.parameter_family
  tags        = var.tags

  dynamic "parameter" {
    for_each = local.parameters

    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = contains(local.reboot_parameters, parameter.key) ? "pending-reboot" : "immediate"
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "this" {
  count = local.is_cluster ? 0 : 1

  identifier                  = var.name
  engine                      = local.engine
  engine_version              = local.version
  allow_major_version_upgrade = true
  auto_minor_version_upgrade  = !local.pinned
  instance_class              = local.instance_class

  # A snapshot brings its own; a different name here would replace the instance.
  db_name             = var.restore == null ? var.database : null
  username            = var.restore == null ? var.username : null
  snapshot_identifier = var.restore

  manage_master_user_password         = true
  master_user_secret_kms_key_id       = var.kms_key_arn
  iam_database_authentication_enabled = true

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.this.id]
  port                   = local.port
  parameter_group_name   = aws_db_parameter_group.this[0].name
  publicly_accessible    = false
  multi_az               = local.multi_az

  storage_type          = "gp3"
  allocated_storage     = var.storage_gb
  max_allocated_storage = var.max_storage_gb == null ? var.storage_gb * 4 : var.max_storage_gb
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  backup_retention_period   = var.backup_days
  backup_window             = var.backup_window
  maintenance_window        = var.maintenance_window
  copy_tags_to_snapshot     = true
  delete_automated_backups  = !var.protect
  deletion_protection       = var.protect
  skip_final_snapshot       = !var.protect
  final_snapshot_identifier = var.protect ? "${var.name}-final" : null
  apply_immediately         = var.apply_immediately

  enabled_cloudwatch_logs_exports = local.log_exports

  performance_insights_enabled          = local.insights
  performance_insights_retention_period = local.insights ? 7 : null
  performance_insights_kms_key_id       = local.insights ? var.kms_key_arn : null

  tags = var.tags

  lifecycle {
    # Read at creation only: dropping `restore` later must not replace the data.
    ignore_changes = [snapshot_identifier]

    precondition {
      condition     = var.serverless == null
      error_message = "serverless is for Aurora: use engine aurora-mysql-8.0 or aurora-postgresql-16, or set instance_class instead."
    }

    precondition {
      condition     = var.instance_class != null
      error_message = "instance_class is needed: set it, such as \"db.t4g.medium\"."
    }

    precondition {
      condition     = var.readers == 0
      error_message = "readers are for Aurora: use engine aurora-mysql-8.0 or aurora-postgresql-16, or set multi_az = true for a standby."
    }
  }

  # Or RDS makes the log groups itself, without a retention.
  depends_on = [aws_cloudwatch_log_group.this]
}
