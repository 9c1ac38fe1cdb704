# Two security groups and a prefix list to connect.

resource "aws_vpc" "this" {
  cidr_block = "10.30.0.0/16"
}

resource "aws_security_group" "from" {
  name        = "groma-test-from"
  description = "Opens connections"
  vpc_id      = aws_vpc.this.id
}

resource "aws_security_group" "to" {
  name        = "groma-test-to"
  description = "Is connected to"
  vpc_id      = aws_vpc.this.id
}

resource "aws_ec2_managed_prefix_list" "this" {
  name           = "groma-test"
  address_family = "IPv4"
  max_entries    = 1

  entry {
    cidr = "198.51.100.0/24"
  }
}

output "from_id" {
  value = aws_security_group.from.id
}

output "to_id" {
  value = aws_security_group.to.id
}

output "prefix_list_id" {
  value = aws_ec2_managed_prefix_list.this.id
}
