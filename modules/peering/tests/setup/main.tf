# Two small networks.

resource "aws_vpc" "this" {
  for_each = toset(["10.50.0.0/16", "10.60.0.0/16"])

  cidr_block = each.key
}

resource "aws_route_table" "this" {
  for_each = aws_vpc.this

  vpc_id = each.value.id
}

output "vpc_ids" {
  value = { for c, v in aws_vpc.this : c => v.id }
}

output "route_table_ids" {
  value = { for c, t in aws_route_table.this : c => t.id }
}
