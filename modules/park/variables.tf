variable "name" {
  description = "Name of the group of schedules and of their role, such as \"levels-staging-park\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,57}[a-z0-9])?$", var.name))
    error_message = "name must be 1 to 59 lower-case letters, digits and hyphens, start with a letter and not end with a hyphen."
  }
}

variable "tags" {
  description = "Tags of everything in the module, on top of the provider's default_tags."
  type        = map(string)
  default     = {}
}

variable "region" {
  description = "Region, for ARNs that are known while planning."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the name of an AWS region, such as \"eu-west-1\"."
  }
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

variable "clusters" {
  description = "Identifiers of Aurora clusters to stop and start, by keys known while planning."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for k in keys(var.clusters) : can(regex("^[A-Za-z0-9_.-]{1,40}$", k))])
    error_message = "clusters' keys must have 1 to 40 letters, digits and the characters _.-: they are part of a schedule's name."
  }
}

variable "instances" {
  description = "Identifiers of database instances (not of Aurora) to stop and start, by keys known while planning."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for k in keys(var.instances) : can(regex("^[A-Za-z0-9_.-]{1,40}$", k))])
    error_message = "instances' keys must have 1 to 40 letters, digits and the characters _.-: they are part of a schedule's name."
  }
}

variable "parked" {
  description = "Whether everything is to stay stopped, whatever the schedules say, until it is false again. Starting again is the caller's."
  type        = bool
  default     = false
}

variable "stop" {
  description = "When to stop: cron(…) expressions of EventBridge Scheduler."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for s in var.stop : can(regex("^cron\\([^ ]+( [^ ]+){5}\\)$", s))])
    error_message = "stop must be expressions with six fields, such as \"cron(0 20 ? * MON-FRI *)\"."
  }
}

variable "start" {
  description = "When to start: cron(…) expressions of EventBridge Scheduler."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for s in var.start : can(regex("^cron\\([^ ]+( [^ ]+){5}\\)$", s))])
    error_message = "start must be expressions with six fields, such as \"cron(0 7 ? * MON-FRI *)\"."
  }
}

variable "time_zone" {
  description = "Time zone of the schedules, as in \"Europe/Berlin\"."
  type        = string
  default     = "UTC"
}
