terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
resource "aws_vpc" "a" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_vpc" "b" {
  cidr_block = "10.1.0.0/16"
  provider   = aws.us
}
resource "aws_vpc" "c" {
  cidr_block = "10.2.0.0/16"
  provider   = aws.us
}
resource "aws_subnet" "a" {
  vpc_id            = aws_vpc.a.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_subnet" "b" {
  vpc_id            = aws_vpc.b.id
  cidr_block        = "10.1.1.0/24"
  availability_zone = "us-east-1a"
  provider          = aws.us
}
resource "aws_subnet" "c" {
  vpc_id            = aws_vpc.c.id
  cidr_block        = "10.2.1.0/24"
  availability_zone = "us-east-1a"
  provider          = aws.us
}

resource "aws_ec2_transit_gateway" "eu" {}
resource "aws_ec2_transit_gateway" "us" {
  provider = aws.us
}
resource "aws_ec2_transit_gateway_vpc_attachment" "a" {
  transit_gateway_id = aws_ec2_transit_gateway.eu.id
  vpc_id             = aws_vpc.a.id
  subnet_ids         = [aws_subnet.a.id]
}
resource "aws_ec2_transit_gateway_vpc_attachment" "b" {
  provider           = aws.us
  transit_gateway_id = aws_ec2_transit_gateway.us.id
  vpc_id             = aws_vpc.b.id
  subnet_ids         = [aws_subnet.b.id]
}
resource "aws_ec2_transit_gateway_vpc_attachment" "c" {
  provider           = aws.us
  transit_gateway_id = aws_ec2_transit_gateway.us.id
  vpc_id             = aws_vpc.c.id
  subnet_ids         = [aws_subnet.c.id]
}
resource "aws_ec2_transit_gateway_peering_attachment" "p" {
  transit_gateway_id      = aws_ec2_transit_gateway.eu.id
  peer_transit_gateway_id = aws_ec2_transit_gateway.us.id
  peer_region             = "us-east-1"
}
resource "aws_ec2_transit_gateway_peering_attachment_accepter" "p" {
  provider                      = aws.us
  transit_gateway_attachment_id = aws_ec2_transit_gateway_peering_attachment.p.id
}
resource "aws_ec2_transit_gateway_route" "eu" {
  destination_cidr_block         = "10.1.0.0/16"
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_peering_attachment_accepter.p.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway.eu.association_default_route_table_id
}
resource "aws_ec2_transit_gateway_route" "us" {
  provider                       = aws.us
  destination_cidr_block         = "10.0.0.0/16"
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_peering_attachment_accepter.p.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway.us.association_default_route_table_id
}
resource "aws_vpc_peering_connection" "ac" {
  vpc_id      = aws_vpc.a.id
  peer_vpc_id = aws_vpc.c.id
  peer_region = "us-east-1"
}
resource "aws_vpc_peering_connection_accepter" "ac" {
  provider                  = aws.us
  vpc_peering_connection_id = aws_vpc_peering_connection.ac.id
  auto_accept               = true
}
resource "aws_route_table" "a" {
  vpc_id = aws_vpc.a.id
  route {
    cidr_block = "10.1.0.0/16"
    transit_gateway_id = aws_ec2_transit_gateway.eu.id
  }
  route {
    cidr_block = "10.2.0.0/16"
    vpc_peering_connection_id = aws_vpc_peering_connection.ac.id
  }
}
resource "aws_route_table_association" "a" {
  subnet_id      = aws_subnet.a.id
  route_table_id = aws_route_table.a.id
}
resource "aws_route_table" "b" {
  provider = aws.us
  vpc_id = aws_vpc.b.id
  route {
    cidr_block = "10.0.0.0/16"
    transit_gateway_id = aws_ec2_transit_gateway.us.id
  }
}
resource "aws_route_table_association" "b" {
  provider       = aws.us
  subnet_id      = aws_subnet.b.id
  route_table_id = aws_route_table.b.id
}
resource "aws_route_table" "c" {
  provider = aws.us
  vpc_id = aws_vpc.c.id
  route {
    cidr_block = "10.0.0.0/16"
    vpc_peering_connection_id = aws_vpc_peering_connection.ac.id
  }
}
resource "aws_route_table_association" "c" {
  provider       = aws.us
  subnet_id      = aws_subnet.c.id
  route_table_id = aws_route_table.c.id
}
resource "aws_security_group" "a" {
  name   = "a"
  vpc_id = aws_vpc.a.id
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}
resource "aws_security_group" "b" {
  provider = aws.us
  name   = "b"
  vpc_id = aws_vpc.b.id
  ingress {
    protocol  = "tcp"
    from_port = 443
    to_port   = 443
    cidr_blocks = ["10.0.0.0/16"]
  }
  egress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}
resource "aws_security_group" "c" {
  provider = aws.us
  name   = "c"
  vpc_id = aws_vpc.c.id
  ingress {
    protocol  = "tcp"
    from_port = 443
    to_port   = 443
    cidr_blocks = ["10.0.0.0/16"]
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
  vpc_security_group_ids = [aws_security_group.a.id]
}
resource "aws_instance" "b" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.b.id
  vpc_security_group_ids = [aws_security_group.b.id]
  provider               = aws.us
}
resource "aws_instance" "c" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.c.id
  vpc_security_group_ids = [aws_security_group.c.id]
  provider               = aws.us
}
