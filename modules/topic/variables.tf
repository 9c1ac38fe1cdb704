variable "name" {
  description = "Name of the topic, without \".fifo\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.name)) && length(var.name) <= 250
    error_message = "name must start with a letter, contain only a-z, 0-9 and hyphens (\".fifo\" is added by fifo = true) and have at most 250 characters."
  }
}

variable "region" {
  description = "Region of the topic, such as \"eu-west-1\". ARNs are built from it, so that they are known while planning."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "region must be the code of a region, such as \"eu-west-1\", not of an availability zone or its display name."
  }
}

variable "account_id" {
  description = "Account that owns the topic: twelve digits."
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
  description = "Keep the order within a message group and drop duplicates; only queues can subscribe then. A topic of the other kind is a new topic."
  type        = bool
  default     = false
}

variable "display_name" {
  description = "Name that mails show as their sender."
  type        = string
  default     = null
}

variable "subscriptions" {
  description = "Who gets the messages, by a name of your choice: protocol sqs, lambda, https, email, email-json or sms, and the queue's or function's ARN, the address or the number. raw: the message as it was published instead of SNS's envelope (default for sqs). filter: a filter policy in JSON. dead_letter_arn: the queue for what could not be delivered. The target must allow it: a queue's publishers, a function's invokers."
  type = map(object({
    protocol        = string
    endpoint        = string
    raw             = optional(bool)
    filter          = optional(string)
    filter_scope    = optional(string, "MessageAttributes")
    dead_letter_arn = optional(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for subscription in values(var.subscriptions) : contains(["sqs", "lambda", "https", "email", "email-json", "sms"], subscription.protocol)])
    error_message = "The protocol of each of subscriptions must be sqs, lambda, https, email, email-json or sms; plain http is not offered, use https."
  }

  validation {
    condition     = alltrue([for subscription in values(var.subscriptions) : subscription.raw != true || contains(["sqs", "https"], subscription.protocol)])
    error_message = "Only subscriptions with protocol sqs or https can have raw = true: remove it from the others."
  }

  validation {
    condition     = alltrue([for subscription in values(var.subscriptions) : contains(["MessageAttributes", "MessageBody"], subscription.filter_scope)])
    error_message = "filter_scope of subscriptions must be \"MessageAttributes\" or \"MessageBody\"."
  }
}

variable "publishers" {
  description = "AWS services that may send to this topic, by a name of your choice: the service (\"s3.amazonaws.com\") and the ARN of what in this account makes it send. Roles need no entry: their own policies say so."
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
  description = "Key that encrypts the messages. null: SNS's key, or none if there are publishers, since AWS services may not use that one; a key of your own must let them."
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
