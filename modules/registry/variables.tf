variable "name" {
  description = "Name of the repository, such as \"levels-app\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]+([._/-][a-z0-9]+)*$", var.name)) && length(var.name) >= 2 && length(var.name) <= 256
    error_message = "name must be 2 to 256 lower-case letters and digits, with single characters . _ - / between them."
  }
}

variable "tags" {
  description = "Tags of the repository, on top of the provider's default_tags."
  type        = map(string)
  default     = {}
}

variable "region" {
  description = "Region. With region and account_id, the outputs are known while planning."
  type        = string
  default     = null
}

variable "account_id" {
  description = "Account; see region."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null ? true : can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be twelve digits: keep leading zeros by writing it in quotes."
  }
}

variable "partition" {
  description = "Partition of AWS: \"aws\", \"aws-cn\" or \"aws-us-gov\"."
  type        = string
  default     = "aws"
}

variable "protect" {
  description = "Whether the repository can only be deleted when it is empty."
  type        = bool
  default     = false
}

variable "immutable" {
  description = "Whether a tag stays with its image for ever. A moving tag such as \"latest\" is then refused."
  type        = bool
  default     = false
}

variable "keep" {
  description = "Number of images that are kept, newest first; what is run must be among them."
  type        = number
  default     = 30

  validation {
    condition     = var.keep >= 1 && floor(var.keep) == var.keep
    error_message = "keep must be a whole number, 1 or more."
  }
}

variable "writers" {
  description = "ARNs of roles of other accounts that may push images; \"*\" stands for a part of a name."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for w in var.writers : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_*-]+$", w))])
    error_message = "writers must be ARNs of roles, with the account written out."
  }
}

variable "readers" {
  description = "Other accounts that may pull images."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for a in var.readers : can(regex("^[0-9]{12}$", a))])
    error_message = "readers must be account ids of twelve digits."
  }
}
