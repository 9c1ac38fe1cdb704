terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  default_tags {
    tags = { Team = "x" }
  }
}
variable "ports" { default = [80, 443] }
locals {
  rules = { web = [80, 443], ssh = [22] }
}
resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "v" }
}
resource "aws_security_group" "g" {
  for_each = local.rules
  name     = each.key
  vpc_id   = aws_vpc.v.id
  dynamic "ingress" {
    for_each = each.value
    iterator = port
    content {
      description = "${each.key} ${port.key}"
      from_port   = port.value
      to_port     = port.value
      protocol    = "tcp"
      cidr_blocks = [aws_vpc.v.cidr_block]
    }
  }
  dynamic "egress" {
    for_each = each.key == "web" ? [1] : []
    content {
      from_port   = 0
      to_port     = 0
      protocol    = "-1"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
resource "aws_lb_listener_rule" "nested" {
  listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/a/b/c"
  action {
    type = "forward"
    dynamic "forward" {
      for_each = ["only"]
      content {
        dynamic "target_group" {
          for_each = { a = 1, b = 2 }
          content {
            arn    = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/${target_group.key}/1"
            weight = target_group.value
          }
        }
      }
    }
  }
  condition {
    path_pattern {
      values = ["/x/*"]
    }
  }
}
resource "aws_instance" "i" {
  ami           = "ami-12345678"
  instance_type = "t3.micro"
  root_block_device {
    volume_size = 10
  }
  dynamic "ebs_block_device" {
    for_each = aws_vpc.v.id == "" ? [] : ["sdf"]
    content {
      device_name = "/dev/${ebs_block_device.value}"
      volume_size = 5
    }
  }
  timeouts {
    create = "10m"
  }
}
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = toset(["s3:GetObject", "s3:PutObject"])
    content {
      actions   = [statement.value]
      resources = ["*"]
    }
  }
}
output "sg" { value = { for k, g in aws_security_group.g : k => g.name } }
output "doc" { value = data.aws_iam_policy_document.d.json }
