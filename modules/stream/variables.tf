variable "name" {
  description = "Name of the Kafka cluster and prefix of everything around it, such as \"levels-prod-events\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.name)) && length(var.name) <= 57
    error_message = "name must start with a letter, contain only a-z, 0-9 and hyphens, and have at most 57 characters: shorten it or replace other characters by hyphens."
  }
}

variable "region" {
  description = "Region of the cluster, such as \"eu-west-1\". ARNs are built from it, so that they are known while planning."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "region must be the code of a region, such as \"eu-west-1\", not of an availability zone or its display name."
  }
}

variable "account_id" {
  description = "Account that owns the cluster: twelve digits."
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

variable "vpc_id" {
  description = "VPC of the security group."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the brokers, each in a zone of its own; the data tier's. Kafka on AWS uses two or three zones: the first three are taken."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids needs at least two subnets in different zones."
  }
}

variable "kafka_version" {
  description = "Version of Kafka. (\"version\" is a word that module blocks keep for themselves.)"
  type        = string
  default     = "3.6.0"

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.([0-9]+|x)(\\.kraft)?$", var.kafka_version))
    error_message = "kafka_version must be a version that MSK has, such as \"3.6.0\" or \"3.8.x\"."
  }
}

variable "brokers_per_zone" {
  description = "Brokers in each zone. It can grow, not shrink."
  type        = number
  default     = 1

  validation {
    condition     = var.brokers_per_zone >= 1 && var.brokers_per_zone <= 10 && floor(var.brokers_per_zone) == var.brokers_per_zone
    error_message = "brokers_per_zone must be a whole number from 1 to 10."
  }
}

variable "instance_type" {
  description = "Type of the brokers, such as \"kafka.t3.small\" or \"kafka.m7g.large\"."
  type        = string
  default     = "kafka.t3.small"

  validation {
    condition     = can(regex("^kafka\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_type))
    error_message = "instance_type must be a type of MSK, which starts with \"kafka.\", such as \"kafka.m7g.large\"."
  }
}

variable "storage_gb" {
  description = "Disk of each broker in GB. It can grow, not shrink."
  type        = number
  default     = 100

  validation {
    condition     = var.storage_gb >= 1 && var.storage_gb <= 16384 && floor(var.storage_gb) == var.storage_gb
    error_message = "storage_gb must be a whole number from 1 to 16384."
  }
}

variable "parameters" {
  description = "Server properties of Kafka, by name, such as { \"log.retention.hours\" = \"72\" }. They win over this module's."
  type        = map(string)
  default     = {}
}

variable "monitoring" {
  description = "Metrics: DEFAULT (free), PER_BROKER, PER_TOPIC_PER_BROKER or PER_TOPIC_PER_PARTITION."
  type        = string
  default     = "DEFAULT"

  validation {
    condition     = contains(["DEFAULT", "PER_BROKER", "PER_TOPIC_PER_BROKER", "PER_TOPIC_PER_PARTITION"], var.monitoring)
    error_message = "monitoring must be DEFAULT, PER_BROKER, PER_TOPIC_PER_BROKER or PER_TOPIC_PER_PARTITION."
  }
}

variable "log_retention_days" {
  description = "Days for which CloudWatch keeps the brokers' logs."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of the values that CloudWatch has: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts the disks. null: a key of MSK. Read when the cluster is created."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key (not its id or alias), or null."
  }
}

variable "protect" {
  description = "Keep clients from deleting topics. MSK itself has no deletion protection and no backups: destroying the cluster destroys the data."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of everything, beside the provider's default tags."
  type        = map(string)
  default     = {}
}
