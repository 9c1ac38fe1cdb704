# Zones, certificate and records of the hosts.

locals {
  names     = distinct([for h in var.hosts : trimprefix(h, "*.")])
  use_dns   = var.dns && length(var.hosts) > 0
  own_zones = local.use_dns && var.zone == null ? toset(local.names) : toset([])

  zone_ids = {
    for n in local.names : n => var.zone != null ? one(data.aws_route53_zone.this[*].zone_id) : aws_route53_zone.own[n].zone_id
    if local.use_dns
  }

  addresses = {
    for pair in setproduct(local.use_dns ? var.hosts : [], ["A", "AAAA"]) :
    "${pair[0]} ${pair[1]}" => { host = pair[0], type = pair[1] }
  }
}

data "aws_route53_zone" "this" {
  count = local.use_dns && var.zone != null ? 1 : 0

  name         = var.zone
  private_zone = false
}

resource "aws_route53_zone" "own" {
  for_each = local.own_zones

  name          = each.key
  comment       = "Hosts of ${var.name}"
  force_destroy = !var.protect

  tags = merge(var.tags, { Name = each.key })
}

module "certificate" {
  source = "../certificate"
  count  = local.make_certificate ? 1 : 0

  providers = {
    aws = aws.us_east_1
  }

  name     = var.name
  hosts    = var.hosts
  zone_ids = local.zone_ids
  tags     = var.tags
}

resource "aws_route53_record" "host" {
  for_each = local.addresses

  zone_id = local.zone_ids[trimprefix(each.value.host, "*.")]
  name    = each.value.host
  type    = each.value.type

  alias {
    name                   = aws_cloudfront_distribution.this.domain_name
    zone_id                = aws_cloudfront_distribution.this.hosted_zone_id
    evaluate_target_health = false
  }

  lifecycle {
    precondition {
      condition     = var.zone == null || each.value.host == var.zone || endswith(each.value.host, ".${coalesce(var.zone, "-")}")
      error_message = "The host ${each.value.host} is not in the zone ${coalesce(var.zone, "-")}: leave zone out to have a zone made for each host, or name the zone that the host ends in."
    }
  }
}
