# What receivers look up: DKIM signs, SPF and the MX record are for the
# subdomain that bounces return to, DMARC says what to do with the rest. The
# domain's own TXT and MX records are not touched: others use them too.

locals {
  # SES always makes three tokens; the number has to be known while planning.
  dkim_records = [for i in range(3) : {
    name  = "${aws_sesv2_email_identity.this.dkim_signing_attributes[0].tokens[i]}._domainkey.${var.domain}"
    type  = "CNAME"
    value = "${aws_sesv2_email_identity.this.dkim_signing_attributes[0].tokens[i]}.dkim.amazonses.com"
  }]

  other_records = {
    mail_from_mx  = { name = local.mail_from, type = "MX", value = "10 feedback-smtp.${var.region}.amazonses.com" }
    mail_from_spf = { name = local.mail_from, type = "TXT", value = "v=spf1 include:amazonses.com -all" }
    dmarc = {
      name  = "_dmarc.${var.domain}"
      type  = "TXT"
      value = join("; ", concat(["v=DMARC1", "p=${var.dmarc}"], length(var.dmarc_reports) > 0 ? ["rua=${join(",", formatlist("mailto:%s", var.dmarc_reports))}"] : []))
    }
  }

  zone_id = one(concat(aws_route53_zone.this[*].zone_id, data.aws_route53_zone.this[*].zone_id))
}

resource "aws_route53_zone" "this" {
  count = var.dns && var.zone == null ? 1 : 0

  name    = var.domain
  comment = "Mail of ${var.name}"
  tags    = var.tags
}

# The only way from a zone's name to its id.
data "aws_route53_zone" "this" {
  count = var.dns && var.zone != null ? 1 : 0

  name         = var.zone
  private_zone = false
}

resource "aws_route53_record" "dkim" {
  count = var.dns ? 3 : 0

  zone_id = local.zone_id
  name    = local.dkim_records[count.index].name
  type    = local.dkim_records[count.index].type
  ttl     = 600
  records = [local.dkim_records[count.index].value]
}

resource "aws_route53_record" "mail_from_mx" {
  count = var.dns ? 1 : 0

  zone_id = local.zone_id
  name    = local.other_records.mail_from_mx.name
  type    = local.other_records.mail_from_mx.type
  ttl     = 600
  records = [local.other_records.mail_from_mx.value]
}

resource "aws_route53_record" "mail_from_spf" {
  count = var.dns ? 1 : 0

  zone_id = local.zone_id
  name    = local.other_records.mail_from_spf.name
  type    = local.other_records.mail_from_spf.type
  ttl     = 600
  records = [local.other_records.mail_from_spf.value]
}

resource "aws_route53_record" "dmarc" {
  count = var.dns ? 1 : 0

  zone_id = local.zone_id
  name    = local.other_records.dmarc.name
  type    = local.other_records.dmarc.type
  ttl     = 600
  records = [local.other_records.dmarc.value]
}
