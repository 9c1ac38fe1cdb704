variable "name" {
  description = "Name of the job and of everything it is made of, such as \"levels-prod-report\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,46}[a-z0-9])?$", var.name))
    error_message = "name must be 1 to 48 lower-case letters, digits and hyphens, start with a letter and not end with a hyphen: shorten it or replace other characters with hyphens."
  }
}

variable "tags" {
  description = "Tags of everything in the module, tasks included, on top of the provider's default_tags. (default_tags do not reach tasks themselves.)"
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

variable "schedule" {
  description = "When it runs: a cron(…), rate(…) or at(…) expression of EventBridge Scheduler."
  type        = string

  validation {
    condition     = can(regex("^(cron|rate|at)\\(.+\\)$", var.schedule))
    error_message = "schedule must be \"cron(minute hour day month weekday year)\", \"rate(5 minutes)\" or \"at(2030-01-01T00:00:00)\"."
  }
}

variable "time_zone" {
  description = "Time zone of the schedule, as in \"Europe/Berlin\"."
  type        = string
  default     = "UTC"
}

variable "parked" {
  description = "Whether it does not run for now."
  type        = bool
  default     = false
}

variable "cluster_arn" {
  description = "ARN of the ECS cluster; with Fargate among its capacity providers."
  type        = string
}

variable "vpc_id" {
  description = "VPC of the security group."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets in which the task runs; private ones."
  type        = list(string)
}

variable "image" {
  description = "The container image: \"REGISTRY/REPOSITORY:TAG\" or with a digest."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9][a-zA-Z0-9._:/@-]*$", var.image))
    error_message = "image must be the reference of a container image, such as \"public.ecr.aws/nginx/nginx:1.27\"."
  }
}

variable "command" {
  description = "Command in place of the image's own. Null: the image's."
  type        = list(string)
  default     = null
}

variable "cpu" {
  description = "Processor units of 1/1024."
  type        = number
  default     = 256
}

variable "memory" {
  description = "MiB of memory."
  type        = number
  default     = 512
}

variable "architecture" {
  description = "Processor architecture of the image: \"ARM64\" or \"X86_64\"."
  type        = string
  default     = "ARM64"

  validation {
    condition     = contains(["ARM64", "X86_64"], var.architecture)
    error_message = "architecture must be \"ARM64\" or \"X86_64\"."
  }
}

variable "read_only" {
  description = "Whether the container's root file system cannot be written to."
  type        = bool
  default     = false
}

variable "settings" {
  description = "Environment variables. Values may be unknown while planning."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for k in keys(var.settings) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", k))])
    error_message = "settings' names must be names of environment variables: letters, digits and underscores, not starting with a digit."
  }
}

variable "secrets" {
  description = "Environment variables whose values are secrets: name to the ARN of a secret or a parameter (a secret's may end with \":KEY::\" for one key of it)."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for k in keys(var.secrets) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", k))])
    error_message = "secrets' names must be names of environment variables: letters, digits and underscores, not starting with a digit."
  }
}

variable "kms_key_arns" {
  description = "Keys of one's own that the secrets are encrypted with; none for AWS's keys."
  type        = list(string)
  default     = []
}

variable "statements" {
  description = "What the task may do: allowing IAM statements."
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

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}
