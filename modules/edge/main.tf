# A web ACL: first the lists of addresses, then the limit of requests, then AWS's
# managed rules. What none of them stops goes through.

locals {
  managed = {
    common           = "AWSManagedRulesCommonRuleSet"
    known-bad-inputs = "AWSManagedRulesKnownBadInputsRuleSet"
    ip-reputation    = "AWSManagedRulesAmazonIpReputationList"
    anonymous-ip     = "AWSManagedRulesAnonymousIpList"
    admin            = "AWSManagedRulesAdminProtectionRuleSet"
    sql              = "AWSManagedRulesSQLiRuleSet"
    linux            = "AWSManagedRulesLinuxRuleSet"
    unix             = "AWSManagedRulesUnixRuleSet"
    windows          = "AWSManagedRulesWindowsRuleSet"
    php              = "AWSManagedRulesPHPRuleSet"
    wordpress        = "AWSManagedRulesWordPressRuleSet"
  }

  # An IP set has one family, and an empty one is no use.
  sets = {
    for k, s in {
      allow4 = { cidrs = [for c in var.allow_cidrs : c if !strcontains(c, ":")], family = "IPV4", allow = true, priority = 0 }
      allow6 = { cidrs = [for c in var.allow_cidrs : c if strcontains(c, ":")], family = "IPV6", allow = true, priority = 1 }
      deny4  = { cidrs = [for c in var.deny_cidrs : c if !strcontains(c, ":")], family = "IPV4", allow = false, priority = 2 }
      deny6  = { cidrs = [for c in var.deny_cidrs : c if strcontains(c, ":")], family = "IPV6", allow = false, priority = 3 }
    } : k => s if length(s.cidrs) > 0
  }
}

resource "aws_wafv2_ip_set" "this" {
  for_each = local.sets

  name               = "${var.name}-${each.key}"
  description        = "Addresses that ${var.name} always ${each.value.allow ? "lets through" : "refuses"}"
  scope              = var.scope
  ip_address_version = each.value.family
  addresses          = each.value.cidrs

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_wafv2_web_acl" "this" {
  name        = var.name
  description = "What ${var.name} lets in"
  scope       = var.scope

  default_action {
    allow {}
  }

  dynamic "rule" {
    for_each = local.sets

    content {
      name     = rule.key
      priority = rule.value.priority

      action {
        dynamic "allow" {
          for_each = rule.value.allow ? [true] : []
          content {}
        }

        dynamic "block" {
          for_each = !rule.value.allow && !var.count_only ? [true] : []
          content {}
        }

        dynamic "count" {
          for_each = !rule.value.allow && var.count_only ? [true] : []
          content {}
        }
      }

      statement {
        ip_set_reference_statement {
          arn = aws_wafv2_ip_set.this[rule.key].arn
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-${rule.key}"
        sampled_requests_enabled   = true
      }
    }
  }

  dynamic "rule" {
    for_each = var.rate_limit > 0 ? [var.rate_limit] : []

    content {
      name     = "rate-limit"
      priority = 10

      action {
        dynamic "block" {
          for_each = var.count_only ? [] : [true]
          content {}
        }

        dynamic "count" {
          for_each = var.count_only ? [true] : []
          content {}
        }
      }

      statement {
        rate_based_statement {
          limit                 = rule.value
          aggregate_key_type    = "IP"
          evaluation_window_sec = 300
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-rate-limit"
        sampled_requests_enabled   = true
      }
    }
  }

  dynamic "rule" {
    for_each = var.managed_rules

    content {
      name     = rule.value
      priority = 20 + rule.key

      override_action {
        dynamic "none" {
          for_each = var.count_only ? [] : [true]
          content {}
        }

        dynamic "count" {
          for_each = var.count_only ? [true] : []
          content {}
        }
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = local.managed[rule.value]

          dynamic "rule_action_override" {
            for_each = lookup(var.count_rules, rule.value, [])

            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-${rule.value}"
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = true
  }

  tags = merge(var.tags, { Name = var.name })
}

# WAF writes to groups whose name starts like this, and to no others.
resource "aws_cloudwatch_log_group" "this" {
  count = var.log ? 1 : 0

  name              = "aws-waf-logs-${var.name}"
  retention_in_days = var.log_retention_days

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  count = var.log ? 1 : 0

  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.this[0].arn]

  redacted_fields {
    single_header {
      name = "authorization"
    }
  }

  redacted_fields {
    single_header {
      name = "cookie"
    }
  }

  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      condition {
        action_condition {
          action = "BLOCK"
        }
      }

      condition {
        action_condition {
          action = "COUNT"
        }
      }
    }
  }
}
