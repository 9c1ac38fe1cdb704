variable "name" {
  description = "Name of the cluster, such as \"levels-prod\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,46}[a-z0-9])?$", var.name)) && !can(regex("^(aws|ecs|fargate)", var.name))
    error_message = "name must be 1 to 48 lower-case letters, digits and hyphens, start with a letter, and not with aws, ecs or fargate, which ECS keeps for itself."
  }
}

variable "tags" {
  description = "Tags of everything in the module. The provider's default_tags do not reach what an Auto Scaling group starts: repeat here what instances and volumes must carry."
  type        = map(string)
  default     = {}
}

variable "region" {
  description = "Region. With region and account_id, cluster_arn is known while planning; needed for instances."
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

variable "capacity" {
  description = "What tasks run on: \"fargate\", \"instances\" or \"both\"."
  type        = string
  default     = "fargate"

  validation {
    condition     = contains(["fargate", "instances", "both"], var.capacity)
    error_message = "capacity must be \"fargate\", \"instances\" or \"both\"."
  }
}

variable "insights" {
  description = "Container Insights: \"enabled\", \"enhanced\" or \"disabled\". Scaling by a queue needs them."
  type        = string
  default     = "enabled"

  validation {
    condition     = contains(["enabled", "enhanced", "disabled"], var.insights)
    error_message = "insights must be \"enabled\", \"enhanced\" or \"disabled\"."
  }
}

variable "vpc_id" {
  description = "VPC of the instances; needed unless capacity is \"fargate\"."
  type        = string
  default     = null
}

variable "subnet_ids" {
  description = "Private subnets of the instances; needed unless capacity is \"fargate\"."
  type        = list(string)
  default     = []
}

variable "instance_type" {
  description = "Instance type. Each task has a network interface of its own, of which an instance type has few (t4g.small: 3, one of them its own)."
  type        = string
  default     = "t4g.medium"
}

variable "min" {
  description = "Number of instances: at least."
  type        = number
  default     = 1

  validation {
    condition     = var.min >= 0 && floor(var.min) == var.min
    error_message = "min must be a whole number, 0 or more."
  }
}

variable "max" {
  description = "Number of instances: at most. 0 for both parks the cluster."
  type        = number
  default     = 4

  validation {
    condition     = var.max >= 0 && floor(var.max) == var.max
    error_message = "max must be a whole number, 0 or more."
  }
}

variable "image" {
  description = "What instances start from: an AMI's id or \"resolve:ssm:/path\". Null: Amazon Linux 2023 with the ECS agent, for the instance type's architecture."
  type        = string
  default     = null

  validation {
    condition     = var.image == null ? true : can(regex("^(ami-[0-9a-f]{8,17}|resolve:ssm:/?[a-zA-Z0-9_./-]+)$", var.image))
    error_message = "image must be \"ami-…\" or \"resolve:ssm:/path/of/a/parameter\", or null."
  }
}

variable "volume_gb" {
  description = "GiB of an instance's root volume."
  type        = number
  default     = 40

  validation {
    condition     = var.volume_gb >= 30 && var.volume_gb <= 16384
    error_message = "volume_gb must be between 30 (the size of the image with the ECS agent) and 16384."
  }
}

variable "target" {
  description = "How full instances are kept, in percent: below 100, there is spare room for tasks that start."
  type        = number
  default     = 100

  validation {
    condition     = var.target >= 1 && var.target <= 100
    error_message = "target must be between 1 and 100."
  }
}
