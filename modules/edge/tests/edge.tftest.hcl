provider "aws" {
  region = "eu-west-1"
}

variables {
  name  = "groma-test"
  scope = "REGIONAL"
}

run "defaults" {
  command = apply

  assert {
    condition     = sort([for r in aws_wafv2_web_acl.this.rule : r.name]) == tolist(["common", "ip-reputation", "known-bad-inputs", "rate-limit"])
    error_message = "A limit and AWS's usual rules."
  }
  assert {
    condition     = length(distinct([for r in aws_wafv2_web_acl.this.rule : r.priority])) == 4
    error_message = "Each rule has its place."
  }
  assert {
    condition     = one([for r in aws_wafv2_web_acl.this.rule : r.statement[0].rate_based_statement[0].limit if r.name == "rate-limit"]) == 2000
    error_message = "2000 requests in five minutes."
  }
  assert {
    condition     = one([for r in aws_wafv2_web_acl.this.rule : r.statement[0].managed_rule_group_statement[0].rule_action_override[0].name if r.name == "common"]) == "SizeRestrictions_BODY"
    error_message = "Uploads pass."
  }
  assert {
    condition     = strcontains(output.arn, ":regional/webacl/groma-test/")
    error_message = "A regional ACL."
  }
}

# Planned only: an API server for tests (moto) wants a log group's ARN in a form
# that AWS itself does not.
run "lists_and_log" {
  command = plan

  variables {
    allow_cidrs = ["203.0.113.0/24", "2001:db8::/32"]
    deny_cidrs  = ["198.51.100.0/24"]
    log         = true
  }

  assert {
    condition     = sort(keys(aws_wafv2_ip_set.this)) == tolist(["allow4", "allow6", "deny4"])
    error_message = "One set a family, and none that is empty."
  }
  assert {
    condition     = aws_wafv2_ip_set.this["allow6"].ip_address_version == "IPV6"
    error_message = "Each range is of its family."
  }
  assert {
    condition     = aws_cloudwatch_log_group.this[0].name == "aws-waf-logs-groma-test" && length(aws_wafv2_web_acl_logging_configuration.this) == 1
    error_message = "WAF accepts names with this beginning only."
  }
}

run "lists" {
  command = apply

  variables {
    allow_cidrs   = ["203.0.113.0/24"]
    deny_cidrs    = ["198.51.100.0/24"]
    managed_rules = []
    rate_limit    = 0
    count_only    = true
  }

  assert {
    condition     = output.arn == run.defaults.arn && length(aws_wafv2_web_acl.this.rule) == 2
    error_message = "The same ACL, with the lists only."
  }
  assert {
    condition     = length(one([for r in aws_wafv2_web_acl.this.rule : r.action[0].count if r.name == "deny4"])) == 1
    error_message = "Counted, not refused."
  }
}

run "wrong_values" {
  command = plan

  variables {
    name          = "Groma"
    scope         = "GLOBAL"
    rate_limit    = 5
    managed_rules = ["everything"]
    allow_cidrs   = ["0.0.0.0/0"]
    deny_cidrs    = ["203.0.113.7"]
  }

  expect_failures = [var.name, var.scope, var.rate_limit, var.managed_rules, var.allow_cidrs, var.deny_cidrs]
}
