output "egress_rule_ids" {
  description = "Rules on the side that opens the connection, by port and other end."
  value       = { for k, r in aws_vpc_security_group_egress_rule.this : k => r.security_group_rule_id }
}

output "ingress_rule_ids" {
  description = "Rules on the side that is connected to, by port and other end."
  value       = { for k, r in aws_vpc_security_group_ingress_rule.this : k => r.security_group_rule_id }
}
