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
resource "aws_vpc" "b" {
  cidr_block = "10.1.0.0/16"
}
resource "aws_vpc" "c" {
  cidr_block = "10.2.0.0/16"
}
resource "aws_subnet" "a" {
  vpc_id            = aws_vpc.a.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_subnet" "b" {
  vpc_id            = aws_vpc.b.id
  cidr_block        = "10.1.1.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_subnet" "c" {
  vpc_id            = aws_vpc.c.id
  cidr_block        = "10.2.1.0/24"
  availability_zone = "eu-west-1a"
}

resource "aws_networkmanager_global_network" "g" {}
resource "aws_networkmanager_core_network" "c" {
  global_network_id = aws_networkmanager_global_network.g.id
}
resource "aws_networkmanager_core_network_policy_attachment" "p" {
  core_network_id = aws_networkmanager_core_network.c.id
  policy_document = jsonencode({
    version                      = "2021.12"
    "core-network-configuration" = { "asn-ranges" = ["64512-64555"], "edge-locations" = [{ location = "eu-west-1" }] }
    segments                     = [{ name = "prod" }, { name = "dev" }]
    "segment-actions"            = [{ action = "share", mode = "attachment-route", segment = "prod", "share-with" = ["dev"] }]
  })
}
resource "aws_networkmanager_vpc_attachment" "a" {
  core_network_id = aws_networkmanager_core_network.c.id
  vpc_arn         = aws_vpc.a.arn
  subnet_arns     = [aws_subnet.a.arn]
}
resource "aws_networkmanager_vpc_attachment" "b" {
  core_network_id = aws_networkmanager_core_network.c.id
  vpc_arn         = aws_vpc.b.arn
  subnet_arns     = [aws_subnet.b.arn]
}
resource "aws_route_table" "a" {
  vpc_id = aws_vpc.a.id
  route {
    cidr_block = "10.0.0.0/8"
    core_network_arn = aws_networkmanager_core_network.c.arn
  }
}
resource "aws_route_table_association" "a" {
  subnet_id      = aws_subnet.a.id
  route_table_id = aws_route_table.a.id
}
resource "aws_route_table" "b" {
  vpc_id = aws_vpc.b.id
  route {
    cidr_block = "10.0.0.0/8"
    core_network_arn = aws_networkmanager_core_network.c.arn
  }
}
resource "aws_route_table_association" "b" {
  subnet_id      = aws_subnet.b.id
  route_table_id = aws_route_table.b.id
}
resource "aws_security_group" "wa" {
  name   = "wa"
  vpc_id = aws_vpc.a.id
  ingress {
    protocol  = "tcp"
    from_port = 443
    to_port   = 443
    cidr_blocks = ["10.0.0.0/8"]
  }
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}
resource "aws_security_group" "wb" {
  name   = "wb"
  vpc_id = aws_vpc.b.id
  ingress {
    protocol  = "tcp"
    from_port = 443
    to_port   = 443
    cidr_blocks = ["10.0.0.0/8"]
  }
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}
resource "aws_security_group" "wc" {
  name   = "wc"
  vpc_id = aws_vpc.c.id
  ingress {
    protocol  = "tcp"
    from_port = 443
    to_port   = 443
    cidr_blocks = ["10.0.0.0/8"]
  }
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}
resource "aws_instance" "a" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.a.id
  vpc_security_group_ids = [aws_security_group.wa.id]
}
resource "aws_instance" "b" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.b.id
  vpc_security_group_ids = [aws_security_group.wb.id]
}
resource "aws_instance" "c" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.c.id
  vpc_security_group_ids = [aws_security_group.wc.id]
}
