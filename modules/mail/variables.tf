variable "name" {
  description = "Name of the configuration set and prefix of the topic, such as \"levels-prod\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.name)) && length(var.name) <= 64
    error_message = "name must start with a letter, contain only a-z, 0-9 and hyphens, and have at most 64 characters: shorten it or replace other characters by hyphens."
  }
}

variable "domain" {
  description = "Domain that mail is sent from, such as \"levels.example\"."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain must be a domain in lower case, such as \"levels.example\", without a user, a scheme or a dot at the end."
  }
}

variable "region" {
  description = "Region of SES, such as \"eu-west-1\". ARNs are built from it, so that they are known while planning."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "region must be the code of a region, such as \"eu-west-1\", not of an availability zone or its display name."
  }
}

variable "account_id" {
  description = "Account that owns the identity: twelve digits."
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

variable "dns" {
  description = "Make the DNS records in Route 53. false: somebody else does; the output records says which."
  type        = bool
  default     = true
}

variable "zone" {
  description = "Name of the existing public zone in Route 53 for the records, such as \"levels.example\". null: a zone for the domain is made; delegate the domain to its name_servers."
  type        = string
  default     = null

  validation {
    condition     = var.zone == null || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.zone))
    error_message = "zone must be the name of a zone in lower case without a dot at the end, such as \"levels.example\", not its id."
  }
}

variable "mail_from" {
  description = "First label of the subdomain that bounces return to. It must not be used for anything else."
  type        = string
  default     = "bounce"

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", var.mail_from))
    error_message = "mail_from must be one label of a host name, such as \"bounce\", without the domain."
  }
}

variable "dmarc" {
  description = "What receivers do with mail that claims to be from the domain and is not: \"none\", \"quarantine\" or \"reject\"."
  type        = string
  default     = "quarantine"

  validation {
    condition     = contains(["none", "quarantine", "reject"], var.dmarc)
    error_message = "dmarc must be \"none\", \"quarantine\" or \"reject\"."
  }
}

variable "dmarc_reports" {
  description = "Addresses that get the daily reports of receivers."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.dmarc_reports : can(regex("^[^@ ,;!]+@[^@ ,;!]+$", address))])
    error_message = "dmarc_reports must be mail addresses, without \"mailto:\"."
  }
}

variable "emails" {
  description = "Addresses that get bounces and complaints as mails (each has to confirm once); use the topic for programs."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.emails : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "emails must be mail addresses."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts the messages of the topic; it must let ses.amazonaws.com use it. null: not encrypted by a key, since SES may not use the one of SNS."
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
