locals {
  # "valkey-8.0" -> "valkey" and "8.0".
  engine     = regex("^([a-z]+)-(.*)$", var.engine)[0]
  version    = regex("^([a-z]+)-(.*)$", var.engine)[1]
  family     = startswith(var.engine, "redis-6") ? "redis6.x" : "${local.engine}${regex("^[0-9]+", local.version)}"
  is_cluster = var.shards > 0

  own_parameters = length(var.parameters) > 0

  known_arn = var.region != null && var.account_id != null
  arn       = local.known_arn ? "arn:${var.partition}:elasticache:${coalesce(var.region, "-")}:${coalesce(var.account_id, "-")}:replicationgroup:${var.name}" : aws_elasticache_replication_group.this.arn
}

resource "aws_security_group" "this" {
  name        = "${var.name}-cache"
  description = "Cache ${var.name}"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-cache" })
}

resource "aws_elasticache_subnet_group" "this" {
  name        = var.name
  description = "Cache ${var.name}"
  subnet_ids  = var.subnet_ids
  tags        = var.tags
}

# Only for parameters of one's own: the default groups are as good otherwise.
resource "aws_elasticache_parameter_group" "this" {
  count = local.own_parameters ? 1 : 0

  # The family is in the name: a new major version makes a new group before the
  # old one, which the cache still uses, is removed.
  name        = "${var.name}-${replace(local.family, ".", "-")}"
  description = "Cache ${var.name}"
  family      = local.family
  tags        = var.tags

  dynamic "parameter" {
    for_each = merge(var.parameters, local.is_cluster ? { cluster-enabled = "yes" } : {})

    content {
      name  = parameter.key
      value = parameter.value
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "slow" {
  name              = "/aws/elasticache/${var.name}/slow"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id = var.name
  description          = "Cache ${var.name}"

  engine                     = local.engine
  engine_version             = local.version
  auto_minor_version_upgrade = true
  node_type                  = var.node_type
  port                       = var.port
  parameter_group_name       = local.own_parameters ? one(aws_elasticache_parameter_group.this[*].name) : "default.${local.family}${local.is_cluster ? ".cluster.on" : ""}"
  snapshot_name              = var.restore

  num_cache_clusters      = local.is_cluster ? null : 1 + var.replicas
  num_node_groups         = local.is_cluster ? var.shards : null
  replicas_per_node_group = local.is_cluster ? var.replicas : null

  # A cluster always has it on, even where there is nothing to fail over to.
  automatic_failover_enabled = local.is_cluster || var.replicas > 0
  multi_az_enabled           = var.replicas > 0

  subnet_group_name  = aws_elasticache_subnet_group.this.name
  security_group_ids = [aws_security_group.this.id]

  at_rest_encryption_enabled = true
  kms_key_id                 = var.kms_key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  user_group_ids             = length(var.user_group_ids) > 0 ? var.user_group_ids : null

  snapshot_retention_limit  = var.backup_days
  final_snapshot_identifier = var.protect ? "${var.name}-final" : null
  maintenance_window        = var.maintenance_window
  apply_immediately         = var.apply_immediately

  log_delivery_configuration {
    destination      = aws_cloudwatch_log_group.slow.name
    destination_type = "cloudwatch-logs"
    log_format       = "json"
    log_type         = "slow-log"
  }

  tags = var.tags

  lifecycle {
    # Read at creation only: dropping `restore` later must not replace the data.
    ignore_changes = [snapshot_name]

    precondition {
      condition     = var.replicas == 0 || length(var.subnet_ids) >= 2
      error_message = "replicas need subnets in at least two zones: pass two or more subnet_ids, or set replicas = 0."
    }
  }
}
