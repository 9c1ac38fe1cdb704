variable "name" {
  description = "Domain of the zone, such as \"prod.levels.internal\"."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)*[a-z]([a-z0-9-]*[a-z0-9])?$", var.name))
    error_message = "name must be a lower-case domain without final dot: use something like \"prod.levels.internal\"."
  }
}

variable "tags" {
  description = "Tags of the zone, on top of the provider's default_tags."
  type        = map(string)
  default     = {}
}

variable "vpc_id" {
  description = "The VPC in which the zone resolves."
  type        = string
}

variable "more_vpc_ids" {
  description = "Further VPCs of the same account (peers, for instance) in which the zone resolves, by keys known while planning."
  type        = map(string)
  default     = {}
}

variable "aliases" {
  description = "Hosts that are another name of an AWS resource, such as a load balancer. A key is a host in the zone, in full or without the zone's name."
  type = map(object({
    dns_name = string
    zone_id  = string
  }))
  default = {}
}

variable "records" {
  description = "Other records, by host, in full or without the zone's name. ttl is in seconds."
  type = map(object({
    type   = string
    values = list(string)
    ttl    = optional(number, 60)
  }))
  default = {}

  validation {
    condition     = alltrue([for r in var.records : contains(["A", "AAAA", "CNAME", "TXT", "MX", "SRV", "PTR", "NS", "CAA"], r.type)])
    error_message = "records[*].type must be A, AAAA, CNAME, TXT, MX, SRV, PTR, NS or CAA; for AWS resources with a zone of their own use aliases."
  }
  validation {
    condition     = alltrue([for r in var.records : length(r.values) > 0])
    error_message = "records[*].values must have at least one value: leave out a record that has none."
  }
}

variable "protect" {
  description = "Whether destroying fails while the zone has records that were made elsewhere."
  type        = bool
  default     = false
}
