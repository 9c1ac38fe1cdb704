variable "name" {
  description = "Name of the list, such as \"levels-prod-cloudflare\"; the IPv6 list has \"-6\" appended."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.name))
    error_message = "name must start with a letter and have lower-case letters, digits and hyphens only: use something like \"levels-prod-cloudflare\"."
  }
}

variable "tags" {
  description = "Tags of every resource, on top of the provider's default_tags."
  type        = map(string)
  default     = {}
}

variable "cidrs4" {
  description = "IPv4 ranges; have to be known while planning. A security group's rule counts as many rules as its list can have entries (60 a group by default)."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for c in var.cidrs4 : !strcontains(c, ":") && try(cidrhost(c, 0) == split("/", c)[0], false)])
    error_message = "cidrs4 must be IPv4 ranges that start with their first address: write \"203.0.113.0/24\", and \"203.0.113.7/32\" for a single one."
  }
}

variable "cidrs6" {
  description = "IPv6 ranges; have to be known while planning."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for c in var.cidrs6 : strcontains(c, ":") && can(cidrhost(c, 0))])
    error_message = "cidrs6 must be IPv6 ranges: use something like \"2001:db8::/32\"."
  }
}
