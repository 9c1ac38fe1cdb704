variable "name" {
  description = "Name of the peering, such as \"levels-tools-prod\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.name))
    error_message = "name must start with a letter and have lower-case letters, digits and hyphens only: use something like \"levels-tools-prod\"."
  }
}

variable "tags" {
  description = "Tags of every resource, on top of the provider's default_tags."
  type        = map(string)
  default     = {}
}

variable "requester" {
  description = "The network that asks for the peering (of the provider aws.requester): its VPC, range, account and region, and the route tables that get a route to the other side, by keys known while planning."
  type = object({
    vpc_id          = string
    cidr            = string
    route_table_ids = map(string)
    account_id      = string
    region          = string
  })

  validation {
    condition     = can(cidrhost(var.requester.cidr, 0)) && !strcontains(var.requester.cidr, ":")
    error_message = "requester.cidr must be the network's IPv4 range: use something like \"10.20.0.0/16\"."
  }
  validation {
    condition     = can(regex("^[0-9]{12}$", var.requester.account_id))
    error_message = "requester.account_id must be the 12 digits of an account: keep leading zeros by writing it in quotes."
  }
  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.requester.region))
    error_message = "requester.region must be a region's code: use something like \"eu-west-1\"."
  }
}

variable "accepter" {
  description = "The network that accepts it (of the provider aws.accepter): its VPC, range, account and region, and the route tables that get a route to the other side, by keys known while planning."
  type = object({
    vpc_id          = string
    cidr            = string
    route_table_ids = map(string)
    account_id      = string
    region          = string
  })

  validation {
    condition     = can(cidrhost(var.accepter.cidr, 0)) && !strcontains(var.accepter.cidr, ":")
    error_message = "accepter.cidr must be the network's IPv4 range: use something like \"10.20.0.0/16\"."
  }
  validation {
    condition     = can(regex("^[0-9]{12}$", var.accepter.account_id))
    error_message = "accepter.account_id must be the 12 digits of an account: keep leading zeros by writing it in quotes."
  }
  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.accepter.region))
    error_message = "accepter.region must be a region's code: use something like \"eu-west-1\"."
  }
}

