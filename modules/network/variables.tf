variable "name" {
  description = "Prefix of all names, such as \"levels-prod\"."
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

variable "region" {
  description = "Region of the provider; endpoint names are built from it."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be a region's code: use something like \"eu-west-1\"."
  }
}

variable "account_id" {
  description = "Account of the provider. When given, the flow log's role shows exact ARNs in a plan and trusts flow logs of this account only."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be the 12 digits of an account: keep leading zeros by writing it in quotes."
  }
}

variable "cidr" {
  description = "IPv4 range of the VPC, /16 to /21. Half of it is for the private tier, a quarter for the data tier, an eighth for the public tier."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && try(cidrhost(var.cidr, 0) == split("/", var.cidr)[0], false)
    error_message = "cidr must be an IPv4 range written with its first address: use something like \"10.20.0.0/16\"."
  }
  validation {
    condition     = try(tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 21, false)
    error_message = "cidr must be between /16 (the largest VPC) and /21 (below it, a public subnet is too small for a load balancer): use a /16 unless addresses are scarce."
  }
}

variable "zones" {
  description = "How many availability zones to use: the first of the region that are open to every account. zone_names, when given, takes precedence."
  type        = number
  default     = 3

  validation {
    condition     = var.zones >= 1 && var.zones <= 6 && floor(var.zones) == var.zones
    error_message = "zones must be a whole number from 1 to 6."
  }
}

variable "zone_names" {
  description = "The exact zones to use, instead of the first ones of the region. A subnet's range follows from the last letter of its zone, so zones can be added and removed without moving the others."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for z in var.zone_names : can(regex("[0-9][a-h]$", z))])
    error_message = "zone_names must be names (not ids) of zones that end in a letter from a to h: use something like [\"eu-west-1a\", \"eu-west-1b\"]."
  }
  validation {
    condition     = length(distinct([for z in var.zone_names : substr(z, -1, 1)])) == length(var.zone_names)
    error_message = "zone_names must end in different letters, because the letter decides each subnet's range: leave out repeated zones, and local zones whose letter is taken."
  }
  validation {
    condition     = length(var.zone_names) <= 6
    error_message = "zone_names must have at most 6 zones."
  }
}

variable "nat" {
  description = "How private subnets reach the internet: \"none\" (not at all), \"single\" (one NAT gateway: cheap, one zone's failure cuts all off) or \"zonal\" (one in each zone)."
  type        = string
  default     = "none"

  validation {
    condition     = contains(["none", "single", "zonal"], var.nat)
    error_message = "nat must be \"none\", \"single\" or \"zonal\"."
  }
}

variable "interface_endpoints" {
  description = "Short names of the AWS services to reach through interface endpoints, such as \"ssm\" or \"ecr.api\"."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for s in var.interface_endpoints : can(regex("^[a-z0-9][a-z0-9.-]*$", s)) && !startswith(s, "com.amazonaws")])
    error_message = "interface_endpoints takes short names: write \"ssm\" for com.amazonaws.REGION.ssm."
  }
}

variable "gateway_endpoints" {
  description = "AWS services to reach through gateway endpoints (free): \"s3\", \"dynamodb\"."
  type        = set(string)
  default     = ["s3"]

  validation {
    condition     = alltrue([for s in var.gateway_endpoints : contains(["s3", "dynamodb"], s)])
    error_message = "gateway_endpoints may have \"s3\" and \"dynamodb\" only: name other services in interface_endpoints."
  }
}

variable "ipv6" {
  description = "Whether the VPC has an IPv6 range as well. Private subnets then have IPv6 egress if nat is not \"none\" and there is no firewall."
  type        = bool
  default     = false
}

variable "flow_log_days" {
  description = "Days for which flow logs (and the firewall's alerts) are kept; 0 writes none."
  type        = number
  default     = 0

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.flow_log_days)
    error_message = "flow_log_days must be 0 or a retention that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "firewall" {
  description = "When given, all egress of the private subnets passes an AWS Network Firewall that lets HTTP and TLS to these domains through and nothing else. \".example.com\" covers all hosts below example.com. Needs nat."
  type = object({
    domains = list(string)
  })
  default = null

  validation {
    condition     = var.firewall == null || try(length(var.firewall.domains) > 0 && alltrue([for d in var.firewall.domains : can(regex("^\\.?[a-z0-9-]+(\\.[a-z0-9-]+)+$", d))]), false)
    error_message = "firewall.domains must name at least one domain, lower-case, without scheme or path: use \"api.stripe.com\" for one host, \".example.com\" for all below."
  }
}

variable "data_admit_cidrs" {
  description = "Ranges outside of the VPC (peers, offices behind a VPN) that the data tier's network ACL lets in too. Security groups and routes still decide."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for c in var.data_admit_cidrs : can(cidrhost(c, 0)) && !strcontains(c, ":") && !endswith(c, "/0")])
    error_message = "data_admit_cidrs takes IPv4 ranges narrower than /0: name the peer's range, such as \"10.30.0.0/16\"."
  }
  validation {
    condition     = length(var.data_admit_cidrs) <= 10
    error_message = "data_admit_cidrs may have at most 10 ranges, since a network ACL has few rules: summarise them."
  }
}

variable "data_to_gateway_endpoints" {
  description = "Whether the data tier's network ACL lets the data subnets use the gateway endpoints (Aurora loading from S3, for instance). Their routes always exist; without this the ACL stops the packets."
  type        = bool
  default     = false
}
