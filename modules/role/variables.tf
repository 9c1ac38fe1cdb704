variable "name" {
  description = "Name of the role, such as \"levels-prod-deploy\"."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9+=,.@_-]{0,63}$", var.name))
    error_message = "name must have 1 to 64 letters, digits and the characters +=,.@_- and start with a letter."
  }
}

variable "tags" {
  description = "Tags of the role, on top of the provider's default_tags."
  type        = map(string)
  default     = {}
}

variable "account_id" {
  description = "Account, for ARNs that are known while planning."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be twelve digits: keep leading zeros by writing it in quotes."
  }
}

variable "partition" {
  description = "Partition of AWS: \"aws\", \"aws-cn\" or \"aws-us-gov\"."
  type        = string
  default     = "aws"
}

variable "trusted" {
  description = "Who may take the role: \"account:ID\" (that account decides who), an ARN, \"sso:PERMISSION-SET\" (people who signed in to this account with it), \"github:ORG/REPO\" or \"github:ORG/REPO:REF\" (workflows; REF is a branch, \"refs/…\", \"environment:NAME\" or \"pull_request\"), \"service:x.amazonaws.com\"."
  type        = list(string)

  validation {
    condition     = length(var.trusted) > 0
    error_message = "trusted must not be empty: nobody could take the role."
  }
  validation {
    condition = alltrue([
      for t in var.trusted : anytrue([
        can(regex("^account:[0-9]{12}$", t)),
        can(regex("^arn:[^*]+$", t)),
        can(regex("^sso:[A-Za-z0-9+=,.@_-]{1,32}$", t)),
        can(regex("^github:[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+(:[^*]+)?$", t)),
        can(regex("^service:[a-z0-9.-]+\\.amazonaws\\.com$", t)),
      ])
    ])
    error_message = "trusted must be \"account:123456789012\", \"arn:…\" without wildcards, \"sso:PERMISSION-SET\", \"github:ORG/REPO[:REF]\" or \"service:NAME.amazonaws.com\"."
  }
}

variable "session_hours" {
  description = "Hours that one session lasts at most."
  type        = number
  default     = 1

  validation {
    condition     = var.session_hours >= 1 && var.session_hours <= 12
    error_message = "session_hours must be between 1 and 12."
  }
}

variable "boundary" {
  description = "ARN of a policy that the role's rights never exceed. Null: none."
  type        = string
  default     = null
}

variable "github_provider" {
  description = "Whether the account's OpenID provider for GitHub is made here. There can be one in an account; where it exists already, leave this false."
  type        = bool
  default     = false
}

variable "statements" {
  description = "What the role may do: allowing IAM statements."
  type = list(object({
    sid       = string
    actions   = list(string)
    resources = list(string)
    conditions = optional(list(object({
      test     = string
      variable = string
      values   = list(string)
    })), [])
  }))
  default = []

  validation {
    condition     = alltrue([for s in var.statements : can(regex("^[A-Za-z0-9]+$", s.sid))])
    error_message = "statements[*].sid may have letters and digits only."
  }
}

variable "operations" {
  description = "Operations of a platform's environment that the role may carry out, and what they concern: its names are those that the environment's root module gives. Unless it is given: none."
  type = object({
    may           = set(string)
    platform      = string
    environment   = string
    region        = string
    network       = optional(string)          # the network, if it is one that others are in too
    groups        = optional(set(string), []) # Auto Scaling groups
    services      = optional(map(string), {}) # clusters by container service
    functions     = optional(set(string), [])
    parameters    = optional(set(string), []) # "/levels/prod/web"
    registries    = optional(set(string), []) # ARNs
    distributions = optional(set(string), []) # ARNs
    clusters      = optional(set(string), []) # of databases, by identifier
    databases     = optional(set(string), []) # those that are no clusters
    schedules     = optional(map(string), {}) # roles by "GROUP/NAME"
    bastions      = optional(set(string), []) # their roles
    states = optional(object({
      bucket = string
      read   = set(string) # keys, without ".tfstate"
      write  = set(string)
    }))
  })
  default  = { may = [], platform = "", environment = "", region = "" }
  nullable = false

  validation {
    condition     = length(setsubtract(var.operations.may, ["deploy", "park", "resume", "scale", "status"])) == 0
    error_message = "operations.may can name deploy, park, resume, scale and status."
  }
  validation {
    condition     = length(var.operations.may) == 0 || alltrue([for v in [var.operations.platform, var.operations.environment, var.operations.region] : v != ""])
    error_message = "operations needs the platform, the environment and the region: without them its rights would be those of any environment."
  }
}
