output "arn" {
  description = "ARN of the certificate, once it is issued: whoever uses it waits for that."
  value       = aws_acm_certificate_validation.this.certificate_arn
}

output "hosts" {
  description = "The hosts that it covers."
  value       = var.hosts
}
