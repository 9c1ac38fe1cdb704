variable "name" {
  description = "Name of the web ACL, such as \"levels-prod\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.name))
    error_message = "name must start with a letter and have lower-case letters, digits and hyphens only: use something like \"levels-prod\"."
  }
}

variable "tags" {
  description = "Tags of every resource, on top of the provider's default_tags."
  type        = map(string)
  default     = {}
}

variable "scope" {
  description = "\"REGIONAL\" for load balancers, \"CLOUDFRONT\" for CDNs (pass a provider of us-east-1 then)."
  type        = string

  validation {
    condition     = contains(["REGIONAL", "CLOUDFRONT"], var.scope)
    error_message = "scope must be \"REGIONAL\" or \"CLOUDFRONT\"."
  }
}

variable "rate_limit" {
  description = "Requests that one address may make in five minutes; 0 for no limit."
  type        = number
  default     = 2000

  validation {
    condition     = var.rate_limit == 0 || (var.rate_limit >= 10 && var.rate_limit <= 2000000000)
    error_message = "rate_limit must be 0 (none) or between 10 and 2000000000 requests in five minutes."
  }
}

variable "managed_rules" {
  description = "AWS's rule groups, in the order in which they are asked: common, known-bad-inputs, ip-reputation, anonymous-ip, admin, sql, linux, unix, windows, php, wordpress."
  type        = list(string)
  default     = ["ip-reputation", "common", "known-bad-inputs"]

  validation {
    condition     = alltrue([for r in var.managed_rules : contains(["common", "known-bad-inputs", "ip-reputation", "anonymous-ip", "admin", "sql", "linux", "unix", "windows", "php", "wordpress"], r)])
    error_message = "managed_rules may have common, known-bad-inputs, ip-reputation, anonymous-ip, admin, sql, linux, unix, windows, php and wordpress."
  }
  validation {
    condition     = length(distinct(var.managed_rules)) == length(var.managed_rules)
    error_message = "managed_rules has the same group twice: leave one out."
  }
}

variable "count_rules" {
  description = "Rules of the managed groups that count and do not block, by group. By default the limit of 8 kB a body, which no upload passes."
  type        = map(list(string))
  default     = { common = ["SizeRestrictions_BODY"] }
}

variable "allow_cidrs" {
  description = "IPv4 and IPv6 ranges that no other rule stops (the own monitoring, for instance)."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for c in var.allow_cidrs : can(cidrhost(c, 0)) && !endswith(c, "/0")])
    error_message = "allow_cidrs must be ranges narrower than /0: write a single address as \"203.0.113.7/32\"."
  }
}

variable "deny_cidrs" {
  description = "IPv4 and IPv6 ranges that are refused."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for c in var.deny_cidrs : can(cidrhost(c, 0)) && !endswith(c, "/0")])
    error_message = "deny_cidrs must be ranges narrower than /0: write a single address as \"203.0.113.7/32\"."
  }
}

variable "count_only" {
  description = "Whether everything is counted and nothing is refused: to see what the rules would do."
  type        = bool
  default     = false
}

variable "log" {
  description = "Whether refused and counted requests are logged to CloudWatch Logs, without cookies and authorization."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "Days for which the log is kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a retention that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}
