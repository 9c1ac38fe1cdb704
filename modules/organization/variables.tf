variable "name" {
  description = "Name of the organization's settings, such as \"exchange\": prefix of the guardrails' policy."
  type        = string
  default     = "organization"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.name))
    error_message = "name must start with a letter and have lower-case letters, digits and hyphens only: use something like \"exchange\"."
  }
}

variable "tags" {
  description = "Tags of accounts, units and policies, on top of the provider's default_tags."
  type        = map(string)
  default     = {}
}

variable "manage" {
  description = "Whether the organization itself is made here. False: it exists, is looked up, and has service control policies enabled."
  type        = bool
  default     = true
}

variable "accounts" {
  description = "Accounts by name. With an id it exists already and is only referred to; otherwise it is made, with that address as its root user's. unit is one of units; null: at the root."
  type = map(object({
    email = optional(string)
    unit  = optional(string)
    id    = optional(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for a in var.accounts : a.id != null || can(regex("^[^@ ]+@[^@ ]+$", a.email))])
    error_message = "accounts[*] need an email, which no other AWS account has, or the id of an existing account."
  }
  validation {
    condition     = alltrue([for a in var.accounts : a.id == null || can(regex("^[0-9]{12}$", a.id))])
    error_message = "accounts[*].id must be the 12 digits of an account: keep leading zeros by writing it in quotes."
  }
  validation {
    condition     = length(distinct([for a in var.accounts : a.email if a.id == null])) == length([for a in var.accounts : a.email if a.id == null])
    error_message = "accounts[*].email must all be different, because an address can belong to one account only: use plus addresses such as \"aws+prod@levels.example\"."
  }
}

variable "units" {
  description = "Names of the organizational units, all directly below the root."
  type        = list(string)
  default     = []

  validation {
    condition     = length(distinct(var.units)) == length(var.units) && !contains(var.units, "root")
    error_message = "units must be different names, and none may be \"root\", which means the organization's root."
  }
}

variable "policies" {
  description = "Policies by name: content is JSON, targets are \"root\", units or accounts by name."
  type = map(object({
    content     = string
    kind        = optional(string, "SERVICE_CONTROL_POLICY")
    description = optional(string, "")
    targets     = list(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for p in var.policies : contains(["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "TAG_POLICY", "BACKUP_POLICY", "AISERVICES_OPT_OUT_POLICY"], p.kind)])
    error_message = "policies[*].kind must be SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY, TAG_POLICY, BACKUP_POLICY or AISERVICES_OPT_OUT_POLICY."
  }
  validation {
    condition     = alltrue([for p in var.policies : can(jsondecode(p.content))])
    error_message = "policies[*].content must be JSON: use jsonencode()."
  }
}

variable "guardrails" {
  description = "What no account below guardrail_targets may do, whoever asks: \"leave\" the organization; act as \"root-user\"; use other \"regions\" than those given; open \"public-buckets\"; stop or change \"cloudtrail\"."
  type        = set(string)
  default     = ["leave", "root-user", "cloudtrail"]

  validation {
    condition     = alltrue([for g in var.guardrails : contains(["leave", "root-user", "regions", "public-buckets", "cloudtrail"], g)])
    error_message = "guardrails may have \"leave\", \"root-user\", \"regions\", \"public-buckets\" and \"cloudtrail\"."
  }
}

variable "guardrail_targets" {
  description = "Where the guardrails hold: \"root\", units or accounts by name. They never bind the management account."
  type        = list(string)
  default     = ["root"]
}

variable "regions" {
  description = "Regions that the guardrail \"regions\" leaves. Global services are always left."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for r in var.regions : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", r))])
    error_message = "regions must be codes of regions: use something like \"eu-west-1\"."
  }
}

variable "exempt_role_names" {
  description = "Roles, by name, that \"regions\", \"public-buckets\" and \"cloudtrail\" do not bind in any account: the one that administers the accounts, for instance."
  type        = list(string)
  default     = []
}

variable "close_accounts" {
  description = "Whether an account that is left out is closed with all that it has. False: it only leaves the organization."
  type        = bool
  default     = false
}
