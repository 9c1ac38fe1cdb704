# Zones, certificates and records of the hosts.

locals {
  use_dns = var.dns && length(var.hosts) > 0

  # A host and its wildcard live in one zone.
  own_zones = local.use_dns && var.zone == null ? toset([for h in var.hosts : trimprefix(h, "*.")]) : toset([])

  zone_ids = {
    for h in var.hosts : trimprefix(h, "*.") => var.zone != null ? one(data.aws_route53_zone.this[*].zone_id) : aws_route53_zone.own[trimprefix(h, "*.")].zone_id...
    if local.use_dns
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

# One certificate a host: adding a host touches no other's certificate.
module "certificate" {
  source   = "../certificate"
  for_each = local.make_certificates ? toset(var.hosts) : toset([])

  name     = var.name
  hosts    = [each.key]
  zone_ids = { (trimprefix(each.key, "*.")) = local.zone_ids[trimprefix(each.key, "*.")][0] }
  tags     = var.tags
}

# The first host's certificate is the listener's default.
resource "aws_lb_listener_certificate" "more" {
  for_each = local.make_certificates ? toset(slice(var.hosts, 1, length(var.hosts))) : toset([])

  listener_arn    = aws_lb_listener.https[0].arn
  certificate_arn = module.certificate[each.key].arn
}

locals {
  addresses = {
    for pair in setproduct(local.use_dns || local.private_zone_given ? var.hosts : [], var.ipv6 ? ["A", "AAAA"] : ["A"]) :
    "${pair[0]} ${pair[1]}" => { host = pair[0], type = pair[1] }
  }
}

resource "aws_route53_record" "host" {
  for_each = local.addresses

  zone_id = local.private_zone_given ? var.private_zone_id : local.zone_ids[trimprefix(each.value.host, "*.")][0]
  name    = each.value.host
  type    = each.value.type

  alias {
    name                   = aws_lb.this.dns_name
    zone_id                = aws_lb.this.zone_id
    evaluate_target_health = true
  }

  lifecycle {
    precondition {
      condition     = local.private_zone_given || var.zone == null || each.value.host == var.zone || endswith(each.value.host, ".${coalesce(var.zone, "-")}")
      error_message = "The host ${each.value.host} is not in the zone ${coalesce(var.zone, "-")}: leave zone out to have a zone made for each host, or name the zone that the host ends in."
    }
  }
}
