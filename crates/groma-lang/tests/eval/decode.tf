# Resources with faults in their structure, compared by `decode_oracle.rs`.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region = "eu-west-1"
}
variable "unk" { type = set(string) }
variable "sec" {
  type = set(string)
  sensitive = true
}
variable "eph" {
  type = set(string)
  ephemeral = true
}
resource "aws_instance" "a" {
  amii = "x"
  ami = [1]
  instance_type = "t3.micro"
  root_block_devic {
  }
  root_block_device {
    volume_size = "x"
  }
  root_block_device {
    volume_size = 2
  }
  ebs_block_device {
    nope = 1
  }
  ebs_block_device "lab" {
    device_name = "x"
  }
  tags = { a = [1] }
}
resource "aws_instance" "b" {
  tags {
    a = 1
  }
  root_block_device = {}
  dynamic "ebs_block_devic" {
    for_each = []
    content {}
  }
  dynamic "ebs_block_device" {
    for_each = 5
    content {
      device_name = "x"
    }
  }
  dynamic "ebs_block_device" {
    for_each = null
    content {
      device_name = "x"
    }
  }
  dynamic "ebs_block_device" {
    content {
    }
  }
  dynamic "ebs_block_device" {
    for_each = [1]
    content {
    }
    content {
    }
  }
  dynamic "ebs_block_device" {
    for_each = [1]
  }
  dynamic "ebs_block_device" {
    for_each = [1]
    labels = ["x"]
    iterator = "foo"
    foo = 1
    bar {}
    content {
      device_name = ebs_block_device.value.x
    }
  }
  dynamic "ebs_block_device" {
    for_each = [1]
    iterator = foo.bar
    content {
    }
  }
  dynamic "ebs_block_device" {
    for_each = [1]
    iterator = 1
    content {
    }
  }
  dynamic "ebs_block_device" {
    for_each = [1, 2]
    content {
      device_name = [ebs_block_device.value]
    }
  }
  dynamic {
    for_each = []
    content {}
  }
  dynamic "a" "b" {
    for_each = []
    content {}
  }
}
resource "aws_instance" "c" {
  dynamic "ebs_block_device" {
    for_each = var.sec
    content {
      device_name = ebs_block_device.value
    }
  }
  dynamic "root_block_device" {
    for_each = var.unk
    content {
      volume_size = "abc"
      nope = 1
    }
  }
}
resource "aws_instance" "d" {
  dynamic "ebs_block_device" {
    for_each = var.eph
    content {
      device_name = ebs_block_device.value
    }
  }
}
resource "aws_security_group" "s" {
  ingress {
    from_port = "x"
    foo = 1
  }
  ingress {
    from_port = 1
  }
  dynamic "ingress" {
    for_each = var.unk
    content {
      from_port = ingress.value
    }
  }
  egress = [{
    from_port = 1
  }]
}
resource "aws_security_group" "s2" {
  ingress {
    from_port = 1
  }
  ingress = []
  dynamic "egress" {
    for_each = []
    content {}
  }
}
resource "aws_kms_key" "k" {
  dynamic "description" {
    for_each = []
    content {}
  }
  nothing {}
}
resource "aws_autoscaling_group" "g" {
  max_size = 1
}
resource "aws_lb_listener" "l" {
}
resource "aws_security_group" "nested" {
  ingress {
    cidr_blocks = ["a", [1]]
  }
  egress {
    ingress {}
  }
  timeouts = {}
}
resource "aws_security_group" "labelled" {
  ingress "x" {
  }
  dynamic "ingress" {
    for_each = toset(["a"])
    iterator = it
    content {
      description = it.value.x
    }
  }
}
resource "aws_lb_listener" "nested" {
  load_balancer_arn = "a"
  default_action {
    dynamic "forward" {
      for_each = [1, 2]
      content {
        dynamic "target_group" {
          for_each = [forward.value, forward.key]
          content {
            arn = [target_group.value, forward.value]
          }
        }
      }
    }
    forward {
    }
    redirect {
      status_code = 1
      port        = null[0]
    }
  }
  default_action {
    type = "forward"
    forward {
      target_group {
        arn = "x"
      }
      stickiness {
      }
      stickiness {
      }
    }
  }
}
resource "aws_s3_bucket_lifecycle_configuration" "framework" {
  bucket = "b"
  rule {
    id     = "x"
    status = "Enabled"
    filter {
      and {
        tags = [1]
      }
    }
    filter = {}
    expiration {
      days = "x"
    }
  }
  rule = []
}
resource "aws_instance" "unknown" {
  dynamic "ebs_block_device" {
    for_each = var.unk
    content {
      volume_size = ebs_block_device.value.x
      tags        = 5
      nested {
      }
    }
  }
  dynamic "ebs_block_device" {
    for_each = [for x in var.unk : x.y]
    content {
    }
  }
}
