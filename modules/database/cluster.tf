# Aurora: a cluster, its writer and its readers.

resource "aws_rds_cluster_parameter_group" "this" {
  count = local.is_cluster ? 1 : 0

  # The family is in the name: a new major version makes a new group before the
  # old one, which the cluster still uses, is removed.
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

resource "aws_rds_cluster" "this" {
  count = local.is_cluster ? 1 : 0

  cluster_identifier          = var.name
  engine                      = local.engine
  engine_version              = local.version
  allow_major_version_upgrade = true

  # A snapshot brings its own; a different name here would replace the cluster.
  database_name       = var.restore == null ? var.database : null
  master_username     = var.restore == null ? var.username : null
  snapshot_identifier = var.restore

  manage_master_user_password         = true
  master_user_secret_kms_key_id       = var.kms_key_arn
  iam_database_authentication_enabled = true

  db_subnet_group_name            = aws_db_subnet_group.this.name
  vpc_security_group_ids          = [aws_security_group.this.id]
  port                            = local.port
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.this[0].name

  storage_encrypted = true
  kms_key_id        = var.kms_key_arn

  backup_retention_period      = var.backup_days
  preferred_backup_window      = var.backup_window
  preferred_maintenance_window = var.maintenance_window
  copy_tags_to_snapshot        = true
  delete_automated_backups     = !var.protect
  deletion_protection          = var.protect
  skip_final_snapshot          = !var.protect
  final_snapshot_identifier    = var.protect ? "${var.name}-final" : null
  apply_immediately            = var.apply_immediately

  enabled_cloudwatch_logs_exports = local.log_exports

  tags = var.tags

  dynamic "serverlessv2_scaling_configuration" {
    for_each = var.serverless == null ? [] : [var.serverless]

    content {
      min_capacity = serverlessv2_scaling_configuration.value.min
      max_capacity = serverlessv2_scaling_configuration.value.max
    }
  }

  lifecycle {
    # Read at creation only: dropping `restore` later must not replace the data.
    # (The other is of Serverless v1, which this module does not make; some API
    # servers answer with it all the same.)
    ignore_changes = [snapshot_identifier, scaling_configuration]

    precondition {
      condition     = (var.instance_class == null) != (var.serverless == null)
      error_message = "Exactly one of instance_class and serverless is needed: set instance_class, such as \"db.r7g.large\", or serverless, such as { min = 0.5, max = 8 }."
    }

    precondition {
      condition     = var.multi_az != true
      error_message = "multi_az is not for Aurora: its storage spans three zones anyway. Set readers = 1 to have an instance to fail over to."
    }
  }

  # Or RDS makes the log groups itself, without a retention.
  depends_on = [aws_cloudwatch_log_group.this]
}

# Not "one writer and some readers": after a failover any of them may be the
# writer. Fewer readers remove the instance with the highest number.
resource "aws_rds_cluster_instance" "this" {
  count = local.is_cluster ? 1 + var.readers : 0

  identifier         = "${var.name}-${count.index + 1}"
  cluster_identifier = aws_rds_cluster.this[0].cluster_identifier
  engine             = aws_rds_cluster.this[0].engine
  instance_class     = local.instance_class

  publicly_accessible          = false
  auto_minor_version_upgrade   = !local.pinned
  promotion_tier               = 1
  copy_tags_to_snapshot        = true
  preferred_maintenance_window = var.maintenance_window
  apply_immediately            = var.apply_immediately

  performance_insights_enabled          = local.insights
  performance_insights_retention_period = local.insights ? 7 : null
  performance_insights_kms_key_id       = local.insights ? var.kms_key_arn : null

  tags = var.tags
}
