# The two kinds (an Aurora cluster, a single instance) share everything that is
# in this file; cluster.tf and instance.tf hold what differs.

locals {
  # "aurora-mysql-8.0" -> "aurora-mysql" and "8.0".
  engine  = regex("^(aurora-mysql|aurora-postgresql|mysql|postgres|mariadb)-(.*)$", var.engine)[0]
  version = regex("^(aurora-mysql|aurora-postgresql|mysql|postgres|mariadb)-(.*)$", var.engine)[1]

  is_cluster = startswith(local.engine, "aurora-")
  kind       = local.is_cluster ? "cluster" : "instance"
  family     = strcontains(local.engine, "postgres") ? "postgres" : "mysql"

  # A parameter group family has no minor version: 16 of 16.4, 8.0 of 8.0.39.
  major            = local.family == "postgres" ? regex("^[0-9]+", local.version) : regex("^[0-9]+\\.[0-9]+", local.version)
  parameter_family = "${local.engine}${local.major}"
  # Who pins a minor version does not want it to move under a plan.
  pinned = local.version != local.major

  port           = coalesce(var.port, local.family == "postgres" ? 5432 : 3306)
  multi_az       = coalesce(var.multi_az, var.protect)
  instance_class = var.serverless == null ? var.instance_class : "db.serverless"

  arn = "arn:${var.partition}:rds:${var.region}:${var.account_id}:${local.is_cluster ? "cluster" : "db"}:${var.name}"

  # Performance Insights is refused by AWS for small burstable classes with
  # MySQL and MariaDB, and for all burstable classes with Aurora MySQL.
  has_insights = local.family == "postgres" || !can(regex(local.is_cluster ? "^db\\.t" : "^db\\.t[0-9a-z]+\\.(micro|small)$", coalesce(local.instance_class, "none")))
  insights     = var.performance_insights == null ? local.has_insights : var.performance_insights

  log_exports = var.log_exports != null ? var.log_exports : toset(local.family == "postgres" ? ["postgresql"] : ["error", "slowquery"])

  parameters = merge(
    # The slow query log is exported; the engine has to write it, and to a file.
    local.family == "mysql" ? { slow_query_log = "1", long_query_time = "2", log_output = "FILE" } : {},
    local.family == "postgres" ? { log_min_duration_statement = "2000" } : {},
    var.parameters,
    # TLS only. The same parameter has other values in Aurora MySQL than in MySQL.
    local.family == "postgres" ? { "rds.force_ssl" = "1" } : { require_secure_transport = local.is_cluster ? "ON" : "1" },
  )

  # Static parameters that people set often: AWS refuses "immediate" for them.
  reboot_parameters = setunion(var.reboot_parameters, [
    "binlog_format", "gtid-mode", "gtid_mode", "enforce_gtid_consistency", "innodb_buffer_pool_instances", "innodb_log_file_size", "lower_case_table_names",
    "performance_schema", "read_only", "skip_name_resolve", "table_open_cache_instances",
    "max_connections", "max_prepared_transactions", "max_replication_slots", "max_wal_senders", "max_worker_processes", "rds.logical_replication",
    "shared_buffers", "shared_preload_libraries", "track_activity_query_size", "wal_buffers",
  ])
}

resource "aws_security_group" "this" {
  name        = "${var.name}-database"
  description = "Database ${var.name}"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-database" })
}

resource "aws_db_subnet_group" "this" {
  name        = var.name
  description = "Database ${var.name}"
  subnet_ids  = var.subnet_ids
  tags        = var.tags
}

# Made here and not by RDS, so that they have a retention and are destroyed
# together with the database.
resource "aws_cloudwatch_log_group" "this" {
  for_each = local.log_exports

  name              = "/aws/rds/${local.kind}/${var.name}/${each.key}"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}
