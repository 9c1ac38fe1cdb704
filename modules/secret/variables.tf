variable "name" {
  description = "Name of the secret, such as \"levels/prod/app\": people and policies group secrets by the parts of the path."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=.@-]+(/[A-Za-z0-9_+=.@-]+)*$", var.name)) && length(var.name) <= 512
    error_message = "name must be parts of letters, digits and _+=.@- divided by single slashes, without one at the start or the end, such as \"levels/prod/app\", with at most 512 characters."
  }
}

variable "region" {
  description = "Region of the secret, such as \"eu-west-1\". ARNs are built from it, so that they are known while planning."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "region must be the code of a region, such as \"eu-west-1\", not of an availability zone or its display name."
  }
}

variable "account_id" {
  description = "Account that owns the secret: twelve digits."
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

variable "description" {
  description = "What the secret is, for people."
  type        = string
  default     = ""
}

variable "kms_key_arn" {
  description = "Key that encrypts the secret. null: the account's key for Secrets Manager."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key (not its id or alias), or null."
  }
}

variable "protect" {
  description = "Keep the secret for 30 days after its deletion, in which it can be restored. false: it is gone at once, and its name is free."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of everything, beside the provider's default tags."
  type        = map(string)
  default     = {}
}
