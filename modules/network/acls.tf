# Network ACLs. Security groups decide who reaches whom; the ACLs are the second
# line for the data tier, which no address outside of the VPC may ever reach.

resource "aws_network_acl" "public" {
  vpc_id = aws_vpc.this.id

  # The subnets that a firewall needs are crossed by the same traffic.
  subnet_ids = concat(
    [for s in aws_subnet.public : s.id],
    [for s in aws_subnet.firewall : s.id],
    [for s in aws_subnet.egress : s.id],
  )

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }

  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }

  dynamic "ingress" {
    for_each = var.ipv6 ? ["::/0"] : []

    content {
      rule_no         = 101
      action          = "allow"
      protocol        = "-1"
      ipv6_cidr_block = ingress.value
      from_port       = 0
      to_port         = 0
    }
  }

  dynamic "egress" {
    for_each = var.ipv6 ? ["::/0"] : []

    content {
      rule_no         = 101
      action          = "allow"
      protocol        = "-1"
      ipv6_cidr_block = egress.value
      from_port       = 0
      to_port         = 0
    }
  }

  tags = merge(var.tags, { Name = "${var.name}-public" })
}

resource "aws_network_acl" "private" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = [for s in aws_subnet.private : s.id]

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }

  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    to_port    = 0
  }

  dynamic "ingress" {
    for_each = var.ipv6 ? ["::/0"] : []

    content {
      rule_no         = 101
      action          = "allow"
      protocol        = "-1"
      ipv6_cidr_block = ingress.value
      from_port       = 0
      to_port         = 0
    }
  }

  dynamic "egress" {
    for_each = var.ipv6 ? ["::/0"] : []

    content {
      rule_no         = 101
      action          = "allow"
      protocol        = "-1"
      ipv6_cidr_block = egress.value
      from_port       = 0
      to_port         = 0
    }
  }

  tags = merge(var.tags, { Name = "${var.name}-private" })
}

resource "aws_network_acl" "data" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = [for s in aws_subnet.data : s.id]

  dynamic "ingress" {
    for_each = concat([var.cidr], var.data_admit_cidrs)

    content {
      rule_no    = 100 + ingress.key
      action     = "allow"
      protocol   = "-1"
      cidr_block = ingress.value
      from_port  = 0
      to_port    = 0
    }
  }

  dynamic "egress" {
    for_each = concat([var.cidr], var.data_admit_cidrs)

    content {
      rule_no    = 100 + egress.key
      action     = "allow"
      protocol   = "-1"
      cidr_block = egress.value
      from_port  = 0
      to_port    = 0
    }
  }

  dynamic "ingress" {
    for_each = var.ipv6 ? [aws_vpc.this.ipv6_cidr_block] : []

    content {
      rule_no         = 150
      action          = "allow"
      protocol        = "-1"
      ipv6_cidr_block = ingress.value
      from_port       = 0
      to_port         = 0
    }
  }

  dynamic "egress" {
    for_each = var.ipv6 ? [aws_vpc.this.ipv6_cidr_block] : []

    content {
      rule_no         = 150
      action          = "allow"
      protocol        = "-1"
      ipv6_cidr_block = egress.value
      from_port       = 0
      to_port         = 0
    }
  }

  # ACLs cannot name prefix lists, so this opens the ports to every address; the
  # data table's only way out of the VPC is the gateway endpoints.
  dynamic "egress" {
    for_each = var.data_to_gateway_endpoints ? [443] : []

    content {
      rule_no    = 200
      action     = "allow"
      protocol   = "6"
      cidr_block = "0.0.0.0/0"
      from_port  = egress.value
      to_port    = egress.value
    }
  }

  dynamic "ingress" {
    for_each = var.data_to_gateway_endpoints ? [1024] : []

    content {
      rule_no    = 200
      action     = "allow"
      protocol   = "6"
      cidr_block = "0.0.0.0/0"
      from_port  = ingress.value
      to_port    = 65535
    }
  }

  tags = merge(var.tags, { Name = "${var.name}-data" })
}
