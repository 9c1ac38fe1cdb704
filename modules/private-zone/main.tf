# A private zone and its records.

resource "aws_route53_zone" "this" {
  name          = var.name
  comment       = "Private names of ${var.name}"
  force_destroy = !var.protect

  vpc {
    vpc_id = var.vpc_id
  }

  tags = merge(var.tags, { Name = var.name })

  lifecycle {
    # Zones of other VPCs are associated below, and would be seen here as a change.
    ignore_changes = [vpc]
  }
}

resource "aws_route53_zone_association" "more" {
  for_each = var.more_vpc_ids

  zone_id = aws_route53_zone.this.zone_id
  vpc_id  = each.value
}

resource "aws_route53_record" "alias" {
  for_each = var.aliases

  zone_id = aws_route53_zone.this.zone_id
  name    = each.key == var.name || endswith(each.key, ".${var.name}") ? each.key : "${each.key}.${var.name}"
  type    = "A"

  alias {
    name                   = each.value.dns_name
    zone_id                = each.value.zone_id
    evaluate_target_health = false
  }
}

resource "aws_route53_record" "this" {
  for_each = var.records

  zone_id = aws_route53_zone.this.zone_id
  name    = each.key == var.name || endswith(each.key, ".${var.name}") ? each.key : "${each.key}.${var.name}"
  type    = each.value.type
  ttl     = each.value.ttl
  records = each.value.values
}
