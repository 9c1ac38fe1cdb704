variable "name" {
  description = "Name of the connection, such as \"levels-prod-web-to-main\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.name))
    error_message = "name must start with a letter and have lower-case letters, digits and hyphens only: use something like \"levels-prod-web-to-main\"."
  }
}

variable "tags" {
  description = "Tags of every rule, on top of the provider's default_tags."
  type        = map(string)
  default     = {}
}

variable "description" {
  description = "What the connection is for, in one line; it becomes each new rule's description."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9. _:/()#,@\\[\\]+=&;{}!$*-]{0,255}$", var.description))
    error_message = "description may have at most 255 of the characters that EC2 allows in a rule's description: letters, digits, spaces and ._-:/()#,@[]+=&;{}!$* (no \"->\" and no quotes)."
  }
}

variable "ports" {
  description = "What the connection carries. protocol is tcp (default), udp, icmp, icmpv6 or all; to defaults to from. For icmp and icmpv6, from and to are type and code (-1 for any); for all, they mean nothing."
  type = list(object({
    protocol = optional(string, "tcp")
    from     = number
    to       = optional(number)
  }))

  validation {
    condition     = length(var.ports) > 0
    error_message = "ports must name at least one port: a connection that carries nothing should be left out."
  }
  validation {
    condition     = alltrue([for p in var.ports : contains(["tcp", "udp", "icmp", "icmpv6", "all"], p.protocol)])
    error_message = "ports[*].protocol must be \"tcp\", \"udp\", \"icmp\", \"icmpv6\" or \"all\"."
  }
  validation {
    condition = alltrue([
      for p in var.ports : p.from >= 0 && p.from <= 65535 && coalesce(p.to, p.from) >= p.from && coalesce(p.to, p.from) <= 65535
      if contains(["tcp", "udp"], p.protocol)
    ])
    error_message = "ports[*] of tcp and udp must be between 0 and 65535, and to must not be below from."
  }
}

variable "from_security_group_id" {
  description = "Security group of the side that opens the connection. For a peer in another account write \"ACCOUNT/sg-...\" and set ends to \"to\"."
  type        = string
  default     = null
}

variable "to_security_group_id" {
  description = "Security group of the side that is connected to. For a peer in another account write \"ACCOUNT/sg-...\" and set ends to \"from\"."
  type        = string
  default     = null
}

variable "from_is_group" {
  description = "Whether from_security_group_id is given; has to be known while planning. Null: true if there are neither from_cidrs nor from_prefix_list_ids."
  type        = bool
  default     = null
}

variable "to_is_group" {
  description = "Whether to_security_group_id is given; has to be known while planning. Null: true if there are neither to_cidrs nor to_prefix_list_ids."
  type        = bool
  default     = null
}

variable "from_cidrs" {
  description = "IPv4 and IPv6 ranges that may open the connection; have to be known while planning."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for c in var.from_cidrs : try(cidrhost(c, 0) == split("/", c)[0], false)])
    error_message = "from_cidrs must be ranges that start with their first address: write \"203.0.113.0/24\", and \"203.0.113.7/32\" for a single one."
  }
}

variable "to_cidrs" {
  description = "IPv4 and IPv6 ranges that may be connected to; have to be known while planning."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for c in var.to_cidrs : try(cidrhost(c, 0) == split("/", c)[0], false)])
    error_message = "to_cidrs must be ranges that start with their first address: write \"203.0.113.0/24\", and \"203.0.113.7/32\" for a single one."
  }
}

variable "from_prefix_list_ids" {
  description = "Prefix lists whose addresses may open the connection, by keys known while planning."
  type        = map(string)
  default     = {}
}

variable "to_prefix_list_ids" {
  description = "Prefix lists whose addresses may be connected to (a gateway endpoint's, for instance), by keys known while planning."
  type        = map(string)
  default     = {}
}

variable "ends" {
  description = "Whose rules are made: \"both\", \"from\" (egress only) or \"to\" (ingress only). The latter two are for groups of different accounts or regions: one module with each provider."
  type        = string
  default     = "both"

  validation {
    condition     = contains(["both", "from", "to"], var.ends)
    error_message = "ends must be \"both\", \"from\" or \"to\"."
  }
}
