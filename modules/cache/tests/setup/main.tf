# What a caller of the module has at hand.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.80"
    }
  }
}

data "aws_caller_identity" "this" {}

output "account_id" {
  description = "Account that the tests run in."
  value       = data.aws_caller_identity.this.account_id
}

resource "aws_vpc" "this" {
  cidr_block = "10.20.0.0/16"
}

resource "aws_subnet" "this" {
  count = 3

  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(aws_vpc.this.cidr_block, 8, count.index)
  availability_zone = "eu-west-1${["a", "b", "c"][count.index]}"
}

output "vpc_id" {
  description = "VPC of the tests."
  value       = aws_vpc.this.id
}

output "subnet_ids" {
  description = "Three subnets, each in a zone of its own."
  value       = aws_subnet.this[*].id
}
