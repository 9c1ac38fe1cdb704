terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" {
  region = "eu-west-1"
}
variable "ports" {
  default = { web = 443, admin = 8443 }
}
module "net" {
  source = "./net"
  cidr   = "10.0.0.0/16"
}
module "web" {
  source  = "./tier"
  name    = "web"
  net     = module.net
  sources = { cidr = "0.0.0.0/0" }
  ports   = values(var.ports)
}
module "db" {
  source  = "./tier"
  name    = "db"
  net     = module.net
  sources = { group = module.web.group }
  ports   = [5432]
}
resource "aws_security_group_rule" "unknown" {
  type              = "ingress"
  security_group_id = module.db.group
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_blocks       = ["${module.web.address}/32"]
}
locals {
  tiers = { for k, m in { web = module.web, db = module.db } : k => m.group }
}
resource "aws_security_group_rule" "dynamic" {
  for_each                 = { for k, v in local.tiers : k => v if k == "db" }
  type                     = "ingress"
  security_group_id        = each.value
  protocol                 = "udp"
  from_port                = 53
  to_port                  = 53
  source_security_group_id = local.tiers["web"]
}
