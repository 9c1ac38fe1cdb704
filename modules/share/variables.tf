variable "name" {
  description = "Name of the share, such as \"exchange-network\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.name))
    error_message = "name must start with a letter and have lower-case letters, digits and hyphens only: use something like \"exchange-network\"."
  }
}

variable "tags" {
  description = "Tags of every resource, on top of the provider's default_tags."
  type        = map(string)
  default     = {}
}

variable "resource_arns" {
  description = "What is shared (subnets, transit gateways, prefix lists, ...), by keys known while planning."
  type        = map(string)

  validation {
    condition     = length(var.resource_arns) > 0
    error_message = "resource_arns must name at least one resource: leave out a share that shares nothing."
  }
}

variable "principals" {
  description = "With whom: account ids, or ARNs of the organization or of its units, by keys known while planning."
  type        = map(string)

  validation {
    condition     = length(var.principals) > 0
    error_message = "principals must name at least one account, unit or organization."
  }
  validation {
    condition     = alltrue([for p in var.principals : can(regex("^([0-9]{12}|arn:[a-z-]+:(organizations|iam)::.+)$", p))])
    error_message = "principals must be 12-digit account ids, or ARNs of an organization, a unit, a role or a user."
  }
}

variable "external" {
  description = "Whether principals outside of the organization may be named; they have to accept the share themselves."
  type        = bool
  default     = false
}
