variable "name" {
  description = "Name of the certificate, such as \"levels-prod-app\"; becomes its Name tag."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.name))
    error_message = "name must start with a letter and have lower-case letters, digits and hyphens only: use something like \"levels-prod-app\"."
  }
}

variable "tags" {
  description = "Tags of the certificate, on top of the provider's default_tags."
  type        = map(string)
  default     = {}
}

variable "hosts" {
  description = "Host names that the certificate is for, the first being its main one. A wildcard covers one level: \"*.levels.example\"."
  type        = list(string)

  validation {
    condition     = length(var.hosts) > 0 && length(var.hosts) <= 10
    error_message = "hosts must have 1 to 10 names, which is what one certificate may cover: use a wildcard or several certificates for more."
  }
  validation {
    condition     = alltrue([for h in var.hosts : can(regex("^(\\*\\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]([a-z0-9-]*[a-z0-9])?$", h))])
    error_message = "hosts must be lower-case host names without scheme, port or final dot: use something like \"app.levels.example\"."
  }
  validation {
    condition     = length(distinct(var.hosts)) == length(var.hosts)
    error_message = "hosts has the same name twice: leave one out."
  }
  validation {
    condition     = length(try(var.hosts[0], "")) <= 64
    error_message = "the first of hosts may have at most 64 characters: put a shorter one first."
  }
}

variable "zone" {
  description = "Name of an existing public Route 53 zone that all hosts are in; it is looked up. Null: zone_ids has the zones."
  type        = string
  default     = null
}

variable "zone_ids" {
  description = "Public Route 53 zone of each host, without its \"*.\" (values may be unknown while planning). Ignored when zone is given."
  type        = map(string)
  default     = {}
}
