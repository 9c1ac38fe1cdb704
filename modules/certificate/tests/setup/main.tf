# Two public zones.

resource "aws_route53_zone" "levels" {
  name = "levels.example"
}

resource "aws_route53_zone" "other" {
  name = "other.example"
}

output "zone_ids" {
  value = {
    levels = aws_route53_zone.levels.zone_id
    other  = aws_route53_zone.other.zone_id
  }
}
