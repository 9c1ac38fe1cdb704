variable "name" {
  description = "Name of the queue, without \".fifo\"; the dead-letter queue has \"-dead\" after it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.name)) && length(var.name) <= 70
    error_message = "name must start with a letter, contain only a-z, 0-9 and hyphens (\".fifo\" is added by fifo = true) and have at most 70 characters."
  }
}

variable "region" {
  description = "Region of the queue, such as \"eu-west-1\". ARNs are built from it, so that they are known while planning."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "region must be the code of a region, such as \"eu-west-1\", not of an availability zone or its display name."
  }
}

variable "account_id" {
  description = "Account that owns the queue: twelve digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be the twelve digits of an account, written as a string so that leading zeros stay."
  }
}

variable "partition" {
  description = "Partition of AWS: \"aws\", \"aws-cn\" or \"aws-us-gov\"."
  type        = string
  default     = "aws"

  validation {
    condition     = contains(["aws", "aws-cn", "aws-us-gov"], var.partition)
    error_message = "partition must be \"aws\", \"aws-cn\" or \"aws-us-gov\"."
  }
}

variable "fifo" {
  description = "Keep the order within a message group and drop duplicates. A queue of the other kind is a new queue."
  type        = bool
  default     = false
}

variable "visibility_seconds" {
  description = "How long a received message is hidden from others: longer than handling it takes, and at least six times the timeout of a function that reads the queue."
  type        = number
  default     = 60

  validation {
    condition     = var.visibility_seconds >= 0 && var.visibility_seconds <= 43200
    error_message = "visibility_seconds must be between 0 and 43200 (twelve hours)."
  }
}

variable "retention_days" {
  description = "Days after which an unread message is lost; the dead-letter queue always keeps its messages for 14."
  type        = number
  default     = 4

  validation {
    condition     = var.retention_days > 0 && var.retention_days <= 14
    error_message = "retention_days must be more than 0 and at most 14, which is what SQS keeps."
  }
}

variable "retries" {
  description = "How often a message is received before it goes to the dead-letter queue."
  type        = number
  default     = 5

  validation {
    condition     = var.retries >= 1 && var.retries <= 1000 && floor(var.retries) == var.retries
    error_message = "retries must be a whole number from 1 to 1000; a dead-letter queue is always there."
  }
}

variable "delay_seconds" {
  description = "How long a message waits before it can be received."
  type        = number
  default     = 0

  validation {
    condition     = var.delay_seconds >= 0 && var.delay_seconds <= 900
    error_message = "delay_seconds must be between 0 and 900; for longer use a schedule."
  }
}

variable "publishers" {
  description = "AWS services that may send to this queue, by a name of your choice: the service (\"s3.amazonaws.com\") and the ARN of what in this account makes it send. Roles need no entry: their own policies say so."
  type = map(object({
    principal  = string
    source_arn = string
  }))
  default = {}

  validation {
    condition     = alltrue([for publisher in values(var.publishers) : can(regex("^[a-z0-9.-]+\\.amazonaws\\.com$", publisher.principal))])
    error_message = "Each principal in publishers must be a service, such as \"s3.amazonaws.com\"; a role gets its right from its own policy instead."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts the messages. null: a key of SQS; every AWS service can then send here."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key (not its id or alias), or null."
  }
}

variable "tags" {
  description = "Tags of everything, beside the provider's default tags."
  type        = map(string)
  default     = {}
}
