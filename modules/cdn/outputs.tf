output "distribution_id" {
  description = "Id of the distribution, for invalidations."
  value       = aws_cloudfront_distribution.this.id
}

output "arn" {
  description = "ARN of the distribution: what the bucket's policy admits."
  value       = aws_cloudfront_distribution.this.arn
}

output "domain_name" {
  description = "CloudFront's name of the distribution, for aliases."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "zone_id" {
  description = "CloudFront's zone of domain_name, for aliases."
  value       = aws_cloudfront_distribution.this.hosted_zone_id
}

output "name_servers" {
  description = "Name servers to delegate each host to, for the zones that are made here (by host, without \"*.\")."
  value       = { for h, z in aws_route53_zone.own : h => z.name_servers }
}
