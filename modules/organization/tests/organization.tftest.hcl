provider "aws" {
  region = "eu-west-1"
}

variables {
  name  = "groma-test"
  units = ["products", "sandbox"]
  accounts = {
    prod  = { email = "aws+prod@levels.example", unit = "products" }
    audit = { email = "aws+audit@levels.example" }
    old   = { id = "210987654321" }
  }
  guardrails = ["leave", "root-user", "regions", "public-buckets", "cloudtrail"]
  regions    = ["eu-west-1", "us-east-1"]
  policies = {
    no-large-instances = {
      content = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"ec2:RunInstances\",\"Resource\":\"*\"}]}"
      targets = ["sandbox", "audit"]
    }
  }
}

run "whole" {
  command = apply

  assert {
    condition     = sort(keys(output.account_ids)) == tolist(["audit", "old", "prod"]) && output.account_ids["old"] == "210987654321" && can(regex("^[0-9]{12}$", output.account_ids["prod"]))
    error_message = "New and existing accounts by name."
  }
  assert {
    condition     = aws_organizations_account.this["prod"].parent_id == output.unit_ids["products"] && aws_organizations_account.this["audit"].parent_id == output.root_id
    error_message = "Accounts are in their units."
  }
  assert {
    condition     = length(aws_organizations_policy_attachment.this) == 2 && aws_organizations_policy_attachment.guardrails["root"].target_id == output.root_id
    error_message = "Policies hold where they are said to."
  }
  assert {
    condition     = [for s in jsondecode(aws_organizations_policy.guardrails[0].content).Statement : s.Sid] == ["Leave", "RootUser", "Regions", "PublicAccessBlock", "PublicAcls", "CloudTrail"]
    error_message = "All guardrails are in one policy."
  }
  assert {
    condition     = alltrue([for s in jsondecode(aws_organizations_policy.guardrails[0].content).Statement : s.Effect == "Deny"])
    error_message = "A guardrail only ever denies."
  }
  assert {
    condition     = length(aws_organizations_policy.guardrails[0].content) < 5120
    error_message = "What AWS allows for one policy."
  }
  assert {
    condition     = alltrue([for a in aws_organizations_account.this : !a.close_on_deletion])
    error_message = "No account is closed by leaving it out."
  }
}

run "exempt_roles" {
  command = plan

  variables {
    exempt_role_names = ["administration"]
  }

  assert {
    condition     = [for s in jsondecode(aws_organizations_policy.guardrails[0].content).Statement : s.Sid if can(s.Condition.ArnNotLike)] == ["Regions", "PublicAccessBlock", "PublicAcls", "CloudTrail"]
    error_message = "Nobody is exempt from leaving and the root user."
  }
}

run "no_regions_left" {
  command = plan

  variables {
    regions = []
  }

  expect_failures = [aws_organizations_policy.guardrails]
}

run "unknown_unit" {
  command = plan

  variables {
    accounts = { prod = { email = "aws+prod@levels.example", unit = "shops" } }
    policies = {}
  }

  expect_failures = [aws_organizations_account.this]
}

run "wrong_values" {
  command = plan

  variables {
    name       = "Groma"
    units      = ["root"]
    accounts   = { prod = { unit = "products" } }
    guardrails = ["everything"]
    regions    = ["Ireland"]
    policies   = { x = { content = "Deny", targets = ["root"] } }
  }

  expect_failures = [var.name, var.units, var.accounts, var.guardrails, var.regions, var.policies]
}
