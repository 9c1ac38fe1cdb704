variable "name" {
  description = "Name of the load balancer and of its security group, such as \"levels-prod-web\". A load balancer takes 32 characters: its name is cut, and ends in a hash, where it has more."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]*[a-z0-9])?$", var.name)) && !startswith(var.name, "internal-")
    error_message = "name must start with a letter (not with \"internal-\"), have lower-case letters, digits and hyphens only and not end in a hyphen: use something like \"levels-prod-web\"."
  }
  validation {
    condition     = length(var.name) <= 64
    error_message = "name may have at most 64 characters: shorten it."
  }
}

variable "tags" {
  description = "Tags of every resource, on top of the provider's default_tags."
  type        = map(string)
  default     = {}
}

variable "vpc_id" {
  description = "VPC of the subnets."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets in at least two zones: public ones, or private ones when internal."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids must have at least two subnets, in different zones: a load balancer needs that, so give the network two zones or more."
  }
}

variable "internal" {
  description = "Whether the load balancer is reachable inside of the network only."
  type        = bool
  default     = false
}

variable "ipv6" {
  description = "Whether the load balancer has IPv6 addresses as well; its subnets need IPv6 ranges."
  type        = bool
  default     = false
}

variable "hosts" {
  description = "Host names of what is behind the load balancer. With any, the certificate covers them, they get DNS records, and plain HTTP is redirected to HTTPS."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for h in var.hosts : can(regex("^(\\*\\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]([a-z0-9-]*[a-z0-9])?$", h))])
    error_message = "hosts must be lower-case host names without scheme, port or final dot: use something like \"app.levels.example\"."
  }
  validation {
    condition     = length(distinct(var.hosts)) == length(var.hosts)
    error_message = "hosts has the same name twice: leave one out."
  }
  validation {
    condition     = length(var.hosts) <= 20
    error_message = "hosts may have at most 20 names, since each has its certificate and a listener takes 25: use a wildcard for more."
  }
}

variable "zone" {
  description = "Name of an existing public Route 53 zone that all hosts are in. Null: a public zone is made for each host, to be delegated to (see the output name_servers)."
  type        = string
  default     = null
}

variable "dns" {
  description = "Whether DNS is in Route 53. False makes no zones, records or certificates: give certificate_arn, or HTTPS is left to what is in front."
  type        = bool
  default     = true
}

variable "certificate_arn" {
  description = "An issued certificate that covers the hosts, instead of ones that are made here."
  type        = string
  default     = null
}

variable "certificate" {
  description = "Whether certificate_arn is given; needed only when that is unknown while planning."
  type        = bool
  default     = null
}

variable "private_zone_id" {
  description = "A private zone that gets the records of the hosts instead of the public one: for internal load balancers. Certificates are still proved in the public zone."
  type        = string
  default     = null
}

variable "private_zone" {
  description = "Whether private_zone_id is given; needed only when that is unknown while planning."
  type        = bool
  default     = null
}

variable "idle_timeout" {
  description = "Seconds after which an idle connection is closed; raise it for websockets."
  type        = number
  default     = 60

  validation {
    condition     = var.idle_timeout >= 1 && var.idle_timeout <= 4000
    error_message = "idle_timeout must be between 1 and 4000 seconds."
  }
}

variable "protect" {
  description = "Whether the load balancer is protected against deletion, and its zones against deletion while they have foreign records."
  type        = bool
  default     = false
}

variable "access_log_bucket" {
  description = "Name of a bucket that access logs are written to, below NAME/; its policy must admit the region's log delivery."
  type        = string
  default     = null
}

variable "web_acl_arn" {
  description = "A regional web ACL that filters requests."
  type        = string
  default     = null
}

variable "web_acl" {
  description = "Whether web_acl_arn is given; needed only when that is unknown while planning."
  type        = bool
  default     = null
}
