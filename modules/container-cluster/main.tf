locals {
  arn_prefix = "arn:${var.partition}"
  instances  = var.capacity != "fargate"
  tags       = merge(var.tags, { Name = var.name })

  # Known while planning where region and account are given.
  built_arn   = var.region == null || var.account_id == null ? null : "${local.arn_prefix}:ecs:${var.region}:${var.account_id}:cluster/${var.name}"
  cluster_arn = local.built_arn == null ? aws_ecs_cluster.this.arn : local.built_arn

  capacity_providers = concat(
    var.capacity == "instances" ? [] : ["FARGATE", "FARGATE_SPOT"],
    aws_ecs_capacity_provider.this[*].name,
  )
}

resource "aws_ecs_cluster" "this" {
  name = var.name
  tags = local.tags

  setting {
    name  = "containerInsights"
    value = var.insights
  }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = local.capacity_providers

  default_capacity_provider_strategy {
    capacity_provider = var.capacity == "instances" ? one(aws_ecs_capacity_provider.this[*].name) : "FARGATE"
    base              = 0
    weight            = 1
  }
}
