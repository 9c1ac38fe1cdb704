terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" {
  region = "eu-west-1"
}
resource "aws_vpc" "a" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc_ipv4_cidr_block_association" "a" {
  vpc_id     = aws_vpc.a.id
  cidr_block = "100.64.0.0/16"
}
resource "aws_vpc" "b" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc_ipv4_cidr_block_association" "b" {
  vpc_id     = aws_vpc.b.id
  cidr_block = "100.65.0.0/16"
}
resource "aws_subnet" "nat" {
  vpc_id            = aws_vpc_ipv4_cidr_block_association.a.vpc_id
  cidr_block        = "100.64.1.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_subnet" "lb" {
  vpc_id            = aws_vpc_ipv4_cidr_block_association.b.vpc_id
  cidr_block        = "100.65.1.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_nat_gateway" "n" {
  connectivity_type = "private"
  subnet_id         = aws_subnet.nat.id
}
resource "aws_ec2_transit_gateway" "t" {
  default_route_table_propagation = "disable"
}
resource "aws_ec2_transit_gateway_vpc_attachment" "a" {
  transit_gateway_id = aws_ec2_transit_gateway.t.id
  vpc_id             = aws_vpc.a.id
  subnet_ids         = [aws_subnet.nat.id]
}
resource "aws_ec2_transit_gateway_vpc_attachment" "b" {
  transit_gateway_id = aws_ec2_transit_gateway.t.id
  vpc_id             = aws_vpc.b.id
  subnet_ids         = [aws_subnet.lb.id]
}
resource "aws_ec2_transit_gateway_route" "r" {
  for_each                       = { "100.64.0.0/16" = aws_ec2_transit_gateway_vpc_attachment.a.id, "100.65.0.0/16" = aws_ec2_transit_gateway_vpc_attachment.b.id }
  destination_cidr_block         = each.key
  transit_gateway_attachment_id  = each.value
  transit_gateway_route_table_id = aws_ec2_transit_gateway.t.association_default_route_table_id
}
resource "aws_subnet" "app" {
  vpc_id            = aws_vpc.a.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_subnet" "db" {
  vpc_id            = aws_vpc.b.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_route_table" "app" {
  vpc_id = aws_vpc.a.id
  route {
    cidr_block = "100.65.0.0/16"
    nat_gateway_id = aws_nat_gateway.n.id
  }
}
resource "aws_route_table_association" "app" {
  subnet_id      = aws_subnet.app.id
  route_table_id = aws_route_table.app.id
}
resource "aws_route_table" "nat" {
  vpc_id = aws_vpc.a.id
  route {
    cidr_block = "100.65.0.0/16"
    transit_gateway_id = aws_ec2_transit_gateway.t.id
  }
}
resource "aws_route_table_association" "nat" {
  subnet_id      = aws_subnet.nat.id
  route_table_id = aws_route_table.nat.id
}
resource "aws_route_table" "lb" {
  vpc_id = aws_vpc.b.id
  route {
    cidr_block = "100.64.0.0/16"
    transit_gateway_id = aws_ec2_transit_gateway.t.id
  }
}
resource "aws_route_table_association" "lb" {
  subnet_id      = aws_subnet.lb.id
  route_table_id = aws_route_table.lb.id
}
resource "aws_security_group" "app" {
  name   = "app"
  vpc_id = aws_vpc.a.id
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}
resource "aws_security_group" "lb" {
  name   = "lb"
  vpc_id = aws_vpc.b.id
  ingress {
    protocol  = "tcp"
    from_port = 80
    to_port   = 80
    cidr_blocks = ["100.64.0.0/16"]
  }
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}
resource "aws_security_group" "db" {
  name   = "db"
  vpc_id = aws_vpc.b.id
  ingress {
    protocol  = "tcp"
    from_port = 5432
    to_port   = 5432
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}
resource "aws_instance" "app" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.app.id
  vpc_security_group_ids = [aws_security_group.app.id]
}
resource "aws_instance" "lb" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.lb.id
  vpc_security_group_ids = [aws_security_group.lb.id]
}
resource "aws_instance" "db" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.db.id
  vpc_security_group_ids = [aws_security_group.db.id]
}
