terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" {
  region = "eu-west-1"
}
variable "services" {
  type = map(object({ port = number, sources = list(string), public = optional(bool, false) }))
  default = {
    web   = { port = 443, sources = [], public = true }
    admin = { port = 8443, sources = ["10.9.0.0/16", "10.0.1.0/24"] }
    db    = { port = 5432, sources = ["10.0.2.0/24"] }
  }
}
variable "ssh" {
  type    = bool
  default = false
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_ipv4_cidr_block_association" "second" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "100.64.0.0/16"
}
locals {
  subnets = { for i, n in ["web", "admin", "db"] : n => cidrsubnet(aws_vpc.main.cidr_block, 8, i + 1) }
}
resource "aws_subnet" "s" {
  for_each                = local.subnets
  vpc_id                  = aws_vpc.main.id
  cidr_block              = each.value
  map_public_ip_on_launch = each.key == "web"
}
resource "aws_subnet" "pods" {
  vpc_id     = aws_vpc_ipv4_cidr_block_association.second.vpc_id
  cidr_block = "100.64.1.0/24"
}
resource "aws_default_route_table" "main" {
  default_route_table_id = aws_vpc.main.default_route_table_id
  route = [{
    cidr_block                 = "0.0.0.0/0"
    gateway_id                 = aws_internet_gateway.main.id
    carrier_gateway_id         = null
    core_network_arn           = null
    destination_prefix_list_id = null
    egress_only_gateway_id     = null
    instance_id                = null
    ipv6_cidr_block            = null
    local_gateway_id           = null
    nat_gateway_id             = null
    network_interface_id       = null
    transit_gateway_id         = null
    vpc_endpoint_id            = null
    vpc_peering_connection_id  = null
  }]
}
resource "aws_security_group" "s" {
  for_each = var.services
  name     = each.key
  vpc_id   = aws_vpc.main.id
  dynamic "ingress" {
    for_each = each.value.public ? ["0.0.0.0/0"] : each.value.sources
    iterator = source
    content {
      protocol    = "tcp"
      from_port   = each.value.port
      to_port     = each.value.port
      cidr_blocks = [source.value]
    }
  }
  dynamic "ingress" {
    for_each = var.ssh ? [1] : []
    content {
      protocol    = "tcp"
      from_port   = 22
      to_port     = 22
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
  egress = [{
    description      = ""
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = []
    prefix_list_ids  = []
    security_groups  = []
    self             = false
  }]
}
resource "aws_instance" "s" {
  for_each               = aws_subnet.s
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = each.value.id
  vpc_security_group_ids = [aws_security_group.s[each.key].id]
}
resource "aws_instance" "pod" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.pods.id
  vpc_security_group_ids = [aws_security_group.pod.id]
}
resource "aws_security_group" "pod" {
  name   = "pod"
  vpc_id = aws_vpc.main.id
}
resource "aws_vpc_security_group_ingress_rule" "pod" {
  for_each                     = toset(["web", "admin"])
  security_group_id            = aws_security_group.pod.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8090
  referenced_security_group_id = aws_security_group.s[each.key].id
}
resource "aws_security_group_rule" "pod" {
  count             = 2
  type              = count.index == 0 ? "egress" : "ingress"
  security_group_id = aws_security_group.pod.id
  protocol          = count.index == 0 ? "all" : "udp"
  from_port         = count.index == 0 ? 0 : 53
  to_port           = count.index == 0 ? 0 : 53
  cidr_blocks       = [aws_vpc_ipv4_cidr_block_association.second.cidr_block, aws_vpc.main.cidr_block]
}
resource "aws_ec2_managed_prefix_list" "offices" {
  name           = "offices"
  address_family = "IPv4"
  max_entries    = 5
}
resource "aws_ec2_managed_prefix_list_entry" "offices" {
  for_each       = toset(["10.0.3.0/24", "198.51.100.0/24"])
  cidr           = each.value
  prefix_list_id = aws_ec2_managed_prefix_list.offices.id
}
resource "aws_vpc_security_group_ingress_rule" "offices" {
  security_group_id = aws_security_group.s["admin"].id
  ip_protocol       = "icmp"
  from_port         = -1
  to_port           = -1
  prefix_list_id    = aws_ec2_managed_prefix_list.offices.id
}
