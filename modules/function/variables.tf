variable "name" {
  description = "Name of the function and of everything that it is made of, such as \"levels-prod-thumbnail\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,46}[a-z0-9])?$", var.name))
    error_message = "name must be 1 to 48 lower-case letters, digits and hyphens, start with a letter and not end with a hyphen: shorten it or replace other characters with hyphens."
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

variable "package" {
  description = "Path of the zip file with the code."
  type        = string
}

variable "package_hash" {
  description = "SHA-256 of the zip file in base64: what tells that the code has changed."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9+/]{43}=$", var.package_hash))
    error_message = "package_hash must be the base64 of a SHA-256, as filebase64sha256() gives it."
  }
}

variable "handler" {
  description = "The function in the code, as the runtime names it."
  type        = string
  default     = "index.handler"
}

variable "runtime" {
  description = "Runtime of the code, such as \"nodejs22.x\" or \"python3.13\"."
  type        = string
  default     = "nodejs22.x"
}

variable "architecture" {
  description = "Processor architecture: \"arm64\" or \"x86_64\"."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture must be \"arm64\" or \"x86_64\"."
  }
}

variable "layers" {
  description = "ARNs of layer versions that the code needs."
  type        = list(string)
  default     = []
}

variable "memory" {
  description = "MiB of memory; processor time grows with it."
  type        = number
  default     = 256

  validation {
    condition     = var.memory >= 128 && var.memory <= 10240
    error_message = "memory must be between 128 and 10240 MiB."
  }
}

variable "timeout" {
  description = "Seconds that one run may take."
  type        = number
  default     = 30

  validation {
    condition     = var.timeout >= 1 && var.timeout <= 900
    error_message = "timeout must be between 1 and 900 seconds: what takes longer is a job."
  }
}

variable "reserved" {
  description = "Runs at once that are kept for this function, and its limit too; -1: it shares the account's."
  type        = number
  default     = -1
}

variable "settings" {
  description = "Environment variables. Not for secrets: who may look at the function sees them."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for k in keys(var.settings) : can(regex("^[A-Za-z][A-Za-z0-9_]+$", k))])
    error_message = "settings' names must start with a letter and have two or more letters, digits and underscores."
  }
  validation {
    condition     = length(setintersection(keys(var.settings), ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_FUNCTION_NAME"])) == 0
    error_message = "settings must not have names that Lambda sets itself (AWS_REGION, AWS_ACCESS_KEY_ID, …): choose another name."
  }
}

variable "statements" {
  description = "What the function may do: allowing IAM statements."
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

variable "inside" {
  description = "Whether the function runs inside the VPC, where it reaches databases and, without NAT, nothing else."
  type        = bool
  default     = false
}

variable "vpc_id" {
  description = "VPC of the security group; needed when inside."
  type        = string
  default     = null
}

variable "subnet_ids" {
  description = "Private subnets; needed when inside."
  type        = list(string)
  default     = []
}

variable "queues" {
  description = "Queues whose messages it handles, by keys known while planning: at most batch messages a run, and at most concurrency (2 or more) runs at once. A queue's visibility timeout must not be below timeout."
  type = map(object({
    arn         = string
    batch       = optional(number, 10)
    concurrency = optional(number)
  }))
  default = {}

  validation {
    condition     = alltrue([for q in var.queues : q.batch >= 1 && q.batch <= 10])
    error_message = "queues[*].batch must be between 1 and 10."
  }
}

variable "streams" {
  description = "Kafka (MSK) clusters with IAM authentication whose topics it handles, by keys known while planning. starting_position is LATEST or TRIM_HORIZON. A cluster's brokers must be reachable from its own subnets and security group."
  type = map(object({
    arn               = string
    topics            = list(string)
    batch             = optional(number, 100)
    starting_position = optional(string, "LATEST")
  }))
  default = {}

  validation {
    condition     = alltrue([for s in var.streams : contains(["LATEST", "TRIM_HORIZON"], s.starting_position)])
    error_message = "streams[*].starting_position must be \"LATEST\" or \"TRIM_HORIZON\"."
  }
  validation {
    condition     = alltrue([for s in var.streams : length(s.topics) == 1])
    error_message = "streams[*].topics must name exactly one topic: use one entry for each topic."
  }
}

variable "invokers" {
  description = "Services that may invoke it, by keys known while planning: the principal (\"s3.amazonaws.com\") and the ARN of what does it."
  type = map(object({
    principal  = string
    source_arn = string
  }))
  default = {}
}

variable "schedules" {
  description = "Times at which it runs: cron(…), rate(…) or at(…) expressions of EventBridge Scheduler by key."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for s in values(var.schedules) : can(regex("^(cron|rate|at)\\(.+\\)$", s))])
    error_message = "schedules must be \"cron(minute hour day month weekday year)\", \"rate(5 minutes)\" or \"at(2030-01-01T00:00:00)\"."
  }
  validation {
    condition     = alltrue([for k in keys(var.schedules) : can(regex("^[A-Za-z0-9_.-]{1,15}$", k))])
    error_message = "schedules' keys must have 1 to 15 letters, digits and the characters _.-"
  }
}

variable "time_zone" {
  description = "Time zone of the schedules, as in \"Europe/Berlin\"."
  type        = string
  default     = "UTC"
}

variable "parked" {
  description = "Whether it rests: no schedule fires, no queue or stream is read."
  type        = bool
  default     = false
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
