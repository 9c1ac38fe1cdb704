# What stands around a way in: a network.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

resource "aws_vpc" "this" {
  cidr_block = "10.20.0.0/16"
}

resource "aws_subnet" "this" {
  for_each = { a = 0, b = 1 }

  vpc_id            = aws_vpc.this.id
  availability_zone = "eu-west-1${each.key}"
  cidr_block        = cidrsubnet(aws_vpc.this.cidr_block, 8, each.value)
}

output "vpc_id" {
  value = aws_vpc.this.id
}

output "subnet_ids" {
  value = values(aws_subnet.this)[*].id
}
