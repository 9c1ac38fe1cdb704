# A public certificate, proved by DNS records, that renews itself as long as the
# records stay.

locals {
  # A host and its wildcard share one record.
  names = distinct([for h in var.hosts : trimprefix(h, "*.")])

  zone_ids = { for n in local.names : n => var.zone != null ? one(data.aws_route53_zone.this[*].zone_id) : try(var.zone_ids[n], null) }

  # The record that AWS asks for, by name. It is known only after the request,
  # which is why the records below iterate over the names and not over this.
  proofs = {
    for n in local.names : n => [
      for o in aws_acm_certificate.this.domain_validation_options : o if trimprefix(o.domain_name, "*.") == n
    ]
  }
}

data "aws_route53_zone" "this" {
  count = var.zone == null ? 0 : 1

  name         = var.zone
  private_zone = false
}

resource "aws_acm_certificate" "this" {
  domain_name               = var.hosts[0]
  subject_alternative_names = slice(var.hosts, 1, length(var.hosts))
  validation_method         = "DNS"
  key_algorithm             = "RSA_2048"

  options {
    certificate_transparency_logging_preference = "ENABLED"
  }

  tags = merge(var.tags, { Name = var.name })

  lifecycle {
    # What uses the certificate can only move on when the next one exists.
    create_before_destroy = true

    precondition {
      condition     = var.zone == null || alltrue([for n in local.names : n == var.zone || endswith(n, ".${coalesce(var.zone, "-")}")])
      error_message = "The certificate ${var.name} is for hosts outside of the zone ${coalesce(var.zone, "-")}: all of hosts must end in it, or pass zone_ids."
    }
    precondition {
      condition     = var.zone != null || alltrue([for n in local.names : contains(keys(var.zone_ids), n)])
      error_message = "The certificate ${var.name} has hosts whose zone is not said (${join(", ", [for n in local.names : n if !contains(keys(var.zone_ids), n)])}): give zone, or an entry in zone_ids for each."
    }
  }
}

resource "aws_route53_record" "proof" {
  for_each = toset(local.names)

  zone_id = local.zone_ids[each.key]
  name    = local.proofs[each.key][0].resource_record_name
  type    = local.proofs[each.key][0].resource_record_type
  ttl     = 60
  records = [local.proofs[each.key][0].resource_record_value]

  # The record is the same for every certificate of this host in the account, the
  # successor of this one included.
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  certificate_arn         = aws_acm_certificate.this.arn
  validation_record_fqdns = [for r in aws_route53_record.proof : r.fqdn]
}
