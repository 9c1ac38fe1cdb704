output "prefix_list_id" {
  description = "The IPv4 list; null without cidrs4."
  value       = one(aws_ec2_managed_prefix_list.ipv4[*].id)
}

output "prefix_list_id6" {
  description = "The IPv6 list; null without cidrs6."
  value       = one(aws_ec2_managed_prefix_list.ipv6[*].id)
}

output "prefix_list_ids" {
  description = "The lists that exist, by family (\"ipv4\", \"ipv6\"): what connection takes. The keys are known while planning."
  value = merge(
    length(var.cidrs4) > 0 ? { ipv4 = one(aws_ec2_managed_prefix_list.ipv4[*].id) } : {},
    length(var.cidrs6) > 0 ? { ipv6 = one(aws_ec2_managed_prefix_list.ipv6[*].id) } : {},
  )
}
