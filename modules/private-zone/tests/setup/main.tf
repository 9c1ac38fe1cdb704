# Two small networks.

resource "aws_vpc" "this" {
  count = 2

  cidr_block           = "10.7${count.index}.0.0/16"
  enable_dns_hostnames = true
}

output "vpc_ids" {
  value = aws_vpc.this[*].id
}
