# Lists of ranges under one name, so that a hundred rules can name "what is in
# front of us" and a new range is entered once.

resource "aws_ec2_managed_prefix_list" "ipv4" {
  count = length(var.cidrs4) > 0 ? 1 : 0

  name           = var.name
  address_family = "IPv4"
  # In steps of five: what counts against quotas stays small, and most additions
  # do not resize the list, which is slow and refused while rules are at the limit.
  max_entries = ceil(length(distinct(var.cidrs4)) / 5) * 5

  dynamic "entry" {
    for_each = toset(var.cidrs4)

    content {
      cidr        = entry.value
      description = var.name
    }
  }

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_ec2_managed_prefix_list" "ipv6" {
  count = length(var.cidrs6) > 0 ? 1 : 0

  name           = "${var.name}-6"
  address_family = "IPv6"
  max_entries    = ceil(length(distinct(var.cidrs6)) / 5) * 5

  dynamic "entry" {
    for_each = toset(var.cidrs6)

    content {
      cidr        = entry.value
      description = var.name
    }
  }

  tags = merge(var.tags, { Name = "${var.name}-6" })
}
