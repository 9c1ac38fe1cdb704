# The organization, its units and accounts. Belongs into the management account.

locals {
  root_id = var.manage ? aws_organizations_organization.this[0].roots[0].id : data.aws_organizations_organization.this[0].roots[0].id

  new_accounts = { for n, a in var.accounts : n => a if a.id == null }

  account_ids = { for n, a in var.accounts : n => a.id != null ? a.id : aws_organizations_account.this[n].id }
  unit_ids    = { for u in var.units : u => aws_organizations_organizational_unit.this[u].id }
  target_ids  = merge({ root = local.root_id }, local.account_ids, local.unit_ids)

  # All names that a target may have; known while planning.
  target_names = concat(["root"], keys(var.accounts), var.units)
}

resource "aws_organizations_organization" "this" {
  count = var.manage ? 1 : 0

  feature_set = "ALL"

  # RAM for shared networks, SSO for people, CloudTrail for one trail of all.
  aws_service_access_principals = ["cloudtrail.amazonaws.com", "ram.amazonaws.com", "sso.amazonaws.com"]
  enabled_policy_types          = distinct(concat(["SERVICE_CONTROL_POLICY"], [for p in var.policies : p.kind]))
}

data "aws_organizations_organization" "this" {
  count = var.manage ? 0 : 1
}

resource "aws_organizations_organizational_unit" "this" {
  for_each = toset(var.units)

  name      = each.key
  parent_id = local.root_id

  tags = merge(var.tags, { Name = each.key })
}

resource "aws_organizations_account" "this" {
  for_each = local.new_accounts

  name              = each.key
  email             = each.value.email
  parent_id         = each.value.unit == null ? local.root_id : local.unit_ids[each.value.unit]
  close_on_deletion = var.close_accounts
  role_name         = "OrganizationAccountAccessRole"

  tags = merge(var.tags, { Name = each.key })

  lifecycle {
    # AWS does not tell it, so an imported account would seem to need a new one.
    ignore_changes = [role_name]

    precondition {
      condition     = each.value.unit == null || contains(var.units, coalesce(each.value.unit, "-"))
      error_message = "The account ${each.key} is in the unit ${coalesce(each.value.unit, "-")}, which is not among units (${join(", ", var.units)}): add it there, or leave unit out."
    }
  }
}
