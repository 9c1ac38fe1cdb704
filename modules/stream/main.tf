locals {
  # MSK takes two or three zones; which ones must not change afterwards.
  subnet_ids = slice(var.subnet_ids, 0, min(3, length(var.subnet_ids)))
  zones      = length(local.subnet_ids)

  # The end of each ARN is made by AWS.
  prefix = "arn:${var.partition}:kafka:${var.region}:${var.account_id}:"

  parameters = merge({
    # A misspelt topic is an error, not a new topic.
    "auto.create.topics.enable"  = "false"
    "default.replication.factor" = tostring(local.zones)
    # One zone may fail and writing goes on; with two zones that leaves one copy.
    "min.insync.replicas"            = tostring(local.zones - 1)
    "num.partitions"                 = "3"
    "unclean.leader.election.enable" = "false"
    "delete.topic.enable"            = tostring(!var.protect)
  }, var.parameters)
}

resource "aws_security_group" "this" {
  name        = "${var.name}-stream"
  description = "Stream ${var.name}"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-stream" })
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/msk/${var.name}"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_msk_configuration" "this" {
  name        = var.name
  description = "Stream ${var.name}"

  server_properties = join("", [for key in sort(keys(local.parameters)) : "${key}=${local.parameters[key]}\n"])
}

resource "aws_msk_cluster" "this" {
  cluster_name           = var.name
  kafka_version          = var.kafka_version
  number_of_broker_nodes = local.zones * var.brokers_per_zone
  enhanced_monitoring    = var.monitoring

  broker_node_group_info {
    instance_type   = var.instance_type
    client_subnets  = local.subnet_ids
    security_groups = [aws_security_group.this.id]

    storage_info {
      ebs_storage_info {
        volume_size = var.storage_gb
      }
    }
  }

  # Clients are roles: who may use which topic is in their IAM policies.
  client_authentication {
    unauthenticated = false

    sasl {
      iam = true
    }
  }

  encryption_info {
    encryption_at_rest_kms_key_arn = var.kms_key_arn

    encryption_in_transit {
      client_broker = "TLS"
      in_cluster    = true
    }
  }

  configuration_info {
    arn      = aws_msk_configuration.this.arn
    revision = aws_msk_configuration.this.latest_revision
  }

  logging_info {
    broker_logs {
      cloudwatch_logs {
        enabled   = true
        log_group = aws_cloudwatch_log_group.this.name
      }
    }
  }

  tags = var.tags
}
