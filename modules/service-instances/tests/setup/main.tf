# What stands around a service: a network and a load balancer.

variable "name" {
  type = string
}

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

resource "aws_security_group" "balancer" {
  name   = "${var.name}-balancer"
  vpc_id = aws_vpc.this.id
}

resource "aws_lb" "this" {
  name            = var.name
  internal        = true
  subnets         = values(aws_subnet.this)[*].id
  security_groups = [aws_security_group.balancer.id]
}

resource "aws_lb_listener" "this" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}

output "vpc_id" {
  value = aws_vpc.this.id
}

output "subnet_ids" {
  value = values(aws_subnet.this)[*].id
}

output "listener_arn" {
  value = aws_lb_listener.this.arn
}

output "arn_suffix" {
  value = aws_lb.this.arn_suffix
}
