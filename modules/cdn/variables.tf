variable "name" {
  description = "Name of the CDN, such as \"levels-prod-media\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.name)) && length(var.name) <= 64
    error_message = "name must start with a letter and have at most 64 lower-case letters, digits and hyphens: use something like \"levels-prod-media\"."
  }
}

variable "tags" {
  description = "Tags of every resource, on top of the provider's default_tags."
  type        = map(string)
  default     = {}
}

variable "hosts" {
  description = "Host names that the CDN answers to; none: CloudFront's own name only."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for h in var.hosts : can(regex("^(\\*\\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]([a-z0-9-]*[a-z0-9])?$", h))])
    error_message = "hosts must be lower-case host names without scheme, port or final dot: use something like \"media.levels.example\"."
  }
  validation {
    condition     = length(distinct(var.hosts)) == length(var.hosts) && length(var.hosts) <= 10
    error_message = "hosts must be at most 10 different names, which is what the CDN's one certificate may cover."
  }
}

variable "bucket" {
  description = "A bucket that the CDN serves. Its policy must admit the distribution (bucket's cdn_arn)."
  type = object({
    id                   = string
    arn                  = string
    regional_domain_name = string
  })
  default = null
}

variable "load_balancer" {
  description = "A load balancer that the CDN is in front of, whose certificate covers hosts."
  type = object({
    dns_name = string
  })
  default = null
}

variable "bucket_paths" {
  description = "With both a bucket and a load balancer: the paths that the bucket serves."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for p in var.bucket_paths : startswith(p, "/")])
    error_message = "bucket_paths must start with a slash: use something like \"/static/*\"."
  }
}

variable "zone" {
  description = "Name of an existing public Route 53 zone that all hosts are in. Null: a public zone is made for each host, to be delegated to (see the output name_servers)."
  type        = string
  default     = null
}

variable "dns" {
  description = "Whether DNS is in Route 53. False makes no zones, records or certificate: give certificate_arn then, if there are hosts."
  type        = bool
  default     = true
}

variable "certificate_arn" {
  description = "An issued certificate of us-east-1 that covers the hosts, instead of one that is made here."
  type        = string
  default     = null
}

variable "certificate" {
  description = "Whether certificate_arn is given; needed only when that is unknown while planning."
  type        = bool
  default     = null
}

variable "web_acl_arn" {
  description = "A web ACL of the scope CLOUDFRONT that filters requests."
  type        = string
  default     = null
}

variable "price_class" {
  description = "Where content is served from: PriceClass_100 (North America and Europe), PriceClass_200 or PriceClass_All."
  type        = string
  default     = "PriceClass_100"

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "price_class must be PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "default_root" {
  description = "What of the bucket is served for \"/\"; means nothing where the load balancer serves \"/\"."
  type        = string
  default     = "index.html"

  validation {
    condition     = !startswith(var.default_root, "/")
    error_message = "default_root must not start with a slash: use something like \"index.html\"."
  }
}

variable "protect" {
  description = "Whether the zones that are made here are protected against deletion while they have foreign records."
  type        = bool
  default     = false
}
