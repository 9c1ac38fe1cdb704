# One directed edge: an egress rule on the group that opens the connection, an
# ingress rule on the group that is connected to. Security groups are stateful,
# so answers need no rules.

locals {
  from_group = var.from_is_group != null ? var.from_is_group : length(var.from_cidrs) + length(var.from_prefix_list_ids) == 0
  to_group   = var.to_is_group != null ? var.to_is_group : length(var.to_cidrs) + length(var.to_prefix_list_ids) == 0

  # The other end of a rule, by a key known while planning. The same attributes
  # in each, so that the objects have one type.
  sources = merge(
    local.from_group ? { group = { group = var.from_security_group_id, cidr4 = null, cidr6 = null, list = null } } : {},
    { for c in distinct(var.from_cidrs) : c => { group = null, cidr4 = strcontains(c, ":") ? null : c, cidr6 = strcontains(c, ":") ? c : null, list = null } },
    { for k, id in var.from_prefix_list_ids : "list ${k}" => { group = null, cidr4 = null, cidr6 = null, list = id } },
  )
  targets = merge(
    local.to_group ? { group = { group = var.to_security_group_id, cidr4 = null, cidr6 = null, list = null } } : {},
    { for c in distinct(var.to_cidrs) : c => { group = null, cidr4 = strcontains(c, ":") ? null : c, cidr6 = strcontains(c, ":") ? c : null, list = null } },
    { for k, id in var.to_prefix_list_ids : "list ${k}" => { group = null, cidr4 = null, cidr6 = null, list = id } },
  )

  ports = {
    for p in var.ports :
    p.protocol == "all" ? "all" : coalesce(p.to, p.from) == p.from ? "${p.protocol} ${p.from}" : "${p.protocol} ${p.from}-${p.to}" => {
      protocol = p.protocol == "all" ? "-1" : p.protocol
      from     = p.protocol == "all" ? null : p.from
      to       = p.protocol == "all" ? null : coalesce(p.to, p.from)
    }
  }

  egress = local.from_group && var.ends != "to" ? {
    for pair in setproduct(keys(local.ports), keys(local.targets)) :
    "${pair[0]} ${pair[1]}" => { port = pair[0], end = pair[1] }
  } : {}
  ingress = local.to_group && var.ends != "from" ? {
    for pair in setproduct(keys(local.ports), keys(local.sources)) :
    "${pair[0]} ${pair[1]}" => { port = pair[0], end = pair[1] }
  } : {}
}

resource "aws_vpc_security_group_egress_rule" "this" {
  for_each = local.egress

  security_group_id            = var.from_security_group_id
  description                  = var.description
  ip_protocol                  = local.ports[each.value.port].protocol
  from_port                    = local.ports[each.value.port].from
  to_port                      = local.ports[each.value.port].to
  referenced_security_group_id = local.targets[each.value.end].group
  cidr_ipv4                    = local.targets[each.value.end].cidr4
  cidr_ipv6                    = local.targets[each.value.end].cidr6
  prefix_list_id               = local.targets[each.value.end].list

  tags = merge(var.tags, { Name = var.name })

  lifecycle {
    # A rule in force is not touched for its wording.
    ignore_changes = [description]
  }
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = local.ingress

  security_group_id            = var.to_security_group_id
  description                  = var.description
  ip_protocol                  = local.ports[each.value.port].protocol
  from_port                    = local.ports[each.value.port].from
  to_port                      = local.ports[each.value.port].to
  referenced_security_group_id = local.sources[each.value.end].group
  cidr_ipv4                    = local.sources[each.value.end].cidr4
  cidr_ipv6                    = local.sources[each.value.end].cidr6
  prefix_list_id               = local.sources[each.value.end].list

  tags = merge(var.tags, { Name = var.name })

  lifecycle {
    # A rule in force is not touched for its wording.
    ignore_changes = [description]
  }
}
