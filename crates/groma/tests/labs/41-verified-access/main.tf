terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" {
  region = "eu-west-1"
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "a" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}
resource "aws_security_group" "app" {
  name   = "app"
  vpc_id = aws_vpc.main.id
  ingress {
    protocol  = "tcp"
    from_port = 443
    to_port   = 443
    self = true
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
  subnet_id              = aws_subnet.a.id
  vpc_security_group_ids = [aws_security_group.app.id]
}

resource "aws_verifiedaccess_instance" "v" {}
resource "aws_verifiedaccess_trust_provider" "t" {
  policy_reference_name    = "t"
  trust_provider_type      = "user"
  user_trust_provider_type = "iam-identity-center"
}
resource "aws_verifiedaccess_instance_trust_provider_attachment" "t" {
  verifiedaccess_instance_id       = aws_verifiedaccess_instance.v.id
  verifiedaccess_trust_provider_id = aws_verifiedaccess_trust_provider.t.id
}
resource "aws_verifiedaccess_group" "g" {
  verifiedaccess_instance_id = aws_verifiedaccess_instance_trust_provider_attachment.t.verifiedaccess_instance_id
}
resource "aws_verifiedaccess_endpoint" "e" {
  application_domain       = "app.example.com"
  attachment_type          = "vpc"
  domain_certificate_arn   = "arn:aws:acm:eu-west-1:123456789012:certificate/6a5dd8a7-6f0b-4bf0-9a5c-6a5dd8a76f0b"
  endpoint_domain_prefix   = "app"
  endpoint_type            = "network-interface"
  security_group_ids       = [aws_security_group.app.id]
  verified_access_group_id = aws_verifiedaccess_group.g.id
  network_interface_options {
    network_interface_id = aws_instance.app.primary_network_interface_id
    port                 = 443
    protocol             = "https"
  }
}
