variable "name" {
  description = "Name of the way in and of everything it is made of, such as \"levels-prod-engineers\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,46}[a-z0-9])?$", var.name))
    error_message = "name must be 1 to 48 lower-case letters, digits and hyphens, start with a letter and not end with a hyphen: shorten it or replace other characters with hyphens."
  }
}

variable "tags" {
  description = "Tags of everything in the module. The provider's default_tags do not reach what an Auto Scaling group starts: repeat here what instances and volumes must carry."
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

variable "vpc_id" {
  description = "VPC of the security group."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets; the bastion is in the first one."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0
    error_message = "subnet_ids must name at least one subnet."
  }
}

variable "group" {
  description = "Who may come in: \"sso:PERMISSION-SET\" (people who signed in to this account with it), the ARN of a role or user, or \"account\" (everybody whom this account's policies let take the role)."
  type        = string

  validation {
    condition     = can(regex("^(account|arn:[^*]+|sso:[A-Za-z0-9+=,.@_-]{1,32})$", var.group))
    error_message = "group must be \"sso:PERMISSION-SET\", \"arn:…\" without wildcards, or \"account\"."
  }
}

variable "allow_cidrs" {
  description = "Addresses that people come from. Empty: any."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for c in var.allow_cidrs : can(cidrhost(c, 0))])
    error_message = "allow_cidrs must be ranges: write a single address as \"203.0.113.7/32\"."
  }
}

variable "session_hours" {
  description = "Hours that the role can be had for at once, and that a bastion's tunnel works."
  type        = number
  default     = 1

  validation {
    condition     = var.session_hours >= 1 && var.session_hours <= 12
    error_message = "session_hours must be between 1 and 12."
  }
}

variable "bastion" {
  description = "Whether the bastion is there. Without it the role stays, and there is nothing to use it on."
  type        = bool
  default     = true
}

variable "instance_type" {
  description = "Instance type of the bastion; of the image's processor architecture."
  type        = string
  default     = "t4g.nano"
}

variable "image" {
  description = "What the bastion starts from: an AMI's id or \"resolve:ssm:/path\". It must contain the Systems Manager agent."
  type        = string
  default     = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"

  validation {
    condition     = can(regex("^(ami-[0-9a-f]{8,17}|resolve:ssm:/?[a-zA-Z0-9_./-]+)$", var.image))
    error_message = "image must be \"ami-…\" or \"resolve:ssm:/path/of/a/parameter\"."
  }
}
