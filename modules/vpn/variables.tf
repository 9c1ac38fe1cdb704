variable "name" {
  description = "Name of the connection, such as \"dealtrak-live-office\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.name))
    error_message = "name must start with a letter and have lower-case letters, digits and hyphens only: use something like \"dealtrak-live-office\"."
  }
}

variable "tags" {
  description = "Tags of every resource, on top of the provider's default_tags."
  type        = map(string)
  default     = {}
}

variable "vpc_id" {
  description = "The VPC that is connected."
  type        = string
}

variable "route_table_ids" {
  description = "Route tables that get routes to the other side, by keys known while planning."
  type        = map(string)
}

variable "peer_ip" {
  description = "Public IPv4 address of the other side's gateway."
  type        = string

  validation {
    condition     = can(cidrhost("${var.peer_ip}/32", 0)) && !strcontains(var.peer_ip, ":")
    error_message = "peer_ip must be an IPv4 address without a prefix: use something like \"203.0.113.7\"."
  }
}

variable "peer_cidrs" {
  description = "Ranges behind the other side; have to be known while planning."
  type        = list(string)

  validation {
    condition     = length(var.peer_cidrs) > 0 && alltrue([for c in var.peer_cidrs : !strcontains(c, ":") && try(cidrhost(c, 0) == split("/", c)[0], false)])
    error_message = "peer_cidrs must have at least one IPv4 range, each starting with its first address: use something like \"192.168.0.0/16\"."
  }
}

variable "asn" {
  description = "BGP number of the other side; any private one does with static routes."
  type        = number
  default     = 65000

  validation {
    condition     = var.asn >= 1 && var.asn <= 4294967294 && var.asn != 64512
    error_message = "asn must be a BGP number other than 64512, which this side has: use 65000 unless the peer has one."
  }
}

variable "static" {
  description = "Whether routes are static. False leaves them to BGP: the tables then learn what the other side announces, and peer_cidrs says only what to expect."
  type        = bool
  default     = true
}
