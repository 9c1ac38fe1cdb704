output "account_ids" {
  description = "Ids of the accounts, by name."
  value       = local.account_ids
}

output "unit_ids" {
  description = "Ids of the units, by name."
  value       = local.unit_ids
}

output "unit_arns" {
  description = "ARNs of the units, by name: what share takes as principals."
  value       = { for u in var.units : u => aws_organizations_organizational_unit.this[u].arn }
}

output "organization_id" {
  description = "Id of the organization, for conditions on aws:PrincipalOrgID."
  value       = var.manage ? aws_organizations_organization.this[0].id : data.aws_organizations_organization.this[0].id
}

output "root_id" {
  description = "Id of the organization's root."
  value       = local.root_id
}
