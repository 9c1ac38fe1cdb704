output "share_arn" {
  description = "ARN of the share."
  value       = aws_ram_resource_share.this.arn
}
