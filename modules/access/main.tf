locals {
  arn_prefix   = "arn:${var.partition}"
  bastion_name = "${var.name}-bastion"
  tags         = merge(var.tags, { Name = local.bastion_name })
}

# Rules come from outside, one module for each edge; nothing ever comes in.
resource "aws_security_group" "this" {
  name        = var.name
  description = "Bastion ${local.bastion_name}"
  vpc_id      = var.vpc_id
  tags        = local.tags
}

# The image is in a template, because there "resolve:ssm:" stays what it is: a newer image
# does not replace a bastion that people are using.
resource "aws_launch_template" "this" {
  name                   = local.bastion_name
  description            = "Bastion ${local.bastion_name}"
  image_id               = var.image
  instance_type          = var.instance_type
  update_default_version = true
  tags                   = var.tags

  iam_instance_profile {
    arn = aws_iam_instance_profile.bastion.arn
  }

  block_device_mappings {
    device_name = length(regexall("ubuntu|canonical", var.image)) > 0 ? "/dev/sda1" : "/dev/xvda"

    ebs {
      delete_on_termination = "true"
      encrypted             = "true"
      volume_size           = 8
      volume_type           = "gp3"
    }
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_protocol_ipv6          = "disabled"
    http_put_response_hop_limit = 1
    http_tokens                 = "required"
    instance_metadata_tags      = "disabled"
  }

  dynamic "tag_specifications" {
    for_each = ["instance", "volume", "network-interface"]

    content {
      resource_type = tag_specifications.value
      tags          = local.tags
    }
  }
}

resource "aws_instance" "bastion" {
  count = var.bastion ? 1 : 0

  # A private subnet gives no public addresses; saying so here too would make AWS servers
  # for tests replace the instance again and again.
  subnet_id              = var.subnet_ids[0]
  vpc_security_group_ids = [aws_security_group.this.id]
  tags                   = local.tags

  # The agent is the only way in.
  user_data_replace_on_change = true
  user_data                   = <<-EOT
    #!/bin/bash
    systemctl disable --now sshd.service sshd.socket ssh.service ssh.socket 2>/dev/null || true
  EOT

  launch_template {
    id      = aws_launch_template.this.id
    version = aws_launch_template.this.latest_version
  }

  depends_on = [aws_iam_role_policy.bastion]
}
