output "arn" {
  description = "ARN of the web ACL, for load-balancer's or cdn's web_acl_arn."
  value       = aws_wafv2_web_acl.this.arn
}

output "capacity" {
  description = "Capacity units that the ACL needs, of 1500 that it may without extra cost."
  value       = aws_wafv2_web_acl.this.capacity
}
