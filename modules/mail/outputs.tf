# Values built from names are known while planning; depends_on keeps whoever
# uses them behind the resource that they name.

output "identity_arn" {
  description = "ARN of the domain as a sender: what ses:SendEmail is allowed on."
  value       = local.identity_arn
  depends_on  = [aws_sesv2_email_identity.this]
}

output "configuration_set" {
  description = "Name of the configuration set. It is the domain's default, so programs need not name it."
  value       = var.name
  depends_on  = [aws_sesv2_configuration_set.this]
}

output "configuration_set_arn" {
  description = "ARN of the configuration set: ses:SendEmail needs it beside the identity's."
  value       = local.set_arn
  depends_on  = [aws_sesv2_configuration_set.this]
}

output "domain" {
  description = "Domain that mail is sent from."
  value       = var.domain
  depends_on  = [aws_sesv2_email_identity.this]
}

output "topic_arn" {
  description = "ARN of the topic with bounces, complaints and rejections."
  value       = local.topic_arn
  depends_on  = [aws_sns_topic.events, aws_sns_topic_policy.events]
}

output "records" {
  description = "The DNS records that the domain needs, as name, type and value; made here unless dns = false."
  value       = concat(local.dkim_records, values(local.other_records))
}

output "name_servers" {
  description = "Name servers of the zone that was made: delegate the domain to them. Empty without."
  value       = flatten(aws_route53_zone.this[*].name_servers)
}
