variable "name" {
  description = "Identifier of the cache and prefix of everything around it, such as \"levels-prod-sessions\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9]|-[a-z0-9])*$", var.name)) && length(var.name) <= 40
    error_message = "name must start with a letter, contain only a-z, 0-9 and single hyphens, not end with a hyphen, and have at most 40 characters: shorten it or replace other characters by hyphens."
  }
}

variable "region" {
  description = "Region of the cache, such as \"eu-west-1\". ARNs are built from it, so that they are known while planning. null: known once created."
  type        = string
  default     = null

  validation {
    condition     = var.region == null || can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "region must be the code of a region, such as \"eu-west-1\", not of an availability zone or its display name."
  }
}

variable "account_id" {
  description = "Account that owns the cache: twelve digits. null: ARNs are known once created."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
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

variable "engine" {
  description = "Engine and version in one word: \"valkey-8.0\", \"valkey-7.2\" or \"redis-7.1\"."
  type        = string

  validation {
    condition     = can(regex("^(valkey-[0-9]+\\.[0-9]+|redis-(7|6)\\.[0-9]+)$", var.engine))
    error_message = "engine must be valkey-8.0, valkey-7.2, redis-7.1 or another version of these: family, hyphen, two numbers."
  }
}

variable "node_type" {
  description = "Type of the nodes, such as \"cache.t4g.micro\" or \"cache.r7g.large\"."
  type        = string
  default     = "cache.t4g.micro"

  validation {
    condition     = can(regex("^cache\\.[a-z0-9-]+\\.[a-z0-9]+$", var.node_type))
    error_message = "node_type must be a type of ElastiCache, which starts with \"cache.\", such as \"cache.t4g.micro\"."
  }
}

variable "replicas" {
  description = "Copies of each shard in other zones, to read from and to fail over to. 0: one node, and its failure loses the data."
  type        = number
  default     = 1

  validation {
    condition     = var.replicas >= 0 && var.replicas <= 5 && floor(var.replicas) == var.replicas
    error_message = "replicas must be a whole number from 0 to 5."
  }
}

variable "shards" {
  description = "Shards of a cluster (the client must speak the cluster protocol); 0: not a cluster."
  type        = number
  default     = 0

  validation {
    condition     = var.shards >= 0 && var.shards <= 500 && floor(var.shards) == var.shards
    error_message = "shards must be a whole number from 0 (not a cluster) to 500."
  }
}

variable "vpc_id" {
  description = "VPC of the security group."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the nodes, in as many zones as there are copies; the data tier's."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 1
    error_message = "subnet_ids needs at least one subnet, and one more in another zone for replicas."
  }
}

variable "port" {
  description = "Port to listen on."
  type        = number
  default     = 6379

  validation {
    condition     = var.port >= 1150 && var.port <= 65535
    error_message = "port must be between 1150 and 65535; the usual one is 6379."
  }
}

variable "backup_days" {
  description = "Days for which daily backups are kept; 0: none."
  type        = number
  default     = 1

  validation {
    condition     = var.backup_days >= 0 && var.backup_days <= 35 && floor(var.backup_days) == var.backup_days
    error_message = "backup_days must be a whole number from 0 (no backups) to 35."
  }
}

variable "restore" {
  description = "Name of the backup to start from. Read when the cache is created."
  type        = string
  default     = null
}

variable "parameters" {
  description = "Parameters of the engine, by name, such as { maxmemory-policy = \"allkeys-lru\" }."
  type        = map(string)
  default     = {}

  validation {
    condition     = !contains(keys(var.parameters), "cluster-enabled")
    error_message = "parameters must not contain cluster-enabled: shards says whether the cache is a cluster."
  }
}

variable "user_group_ids" {
  description = "User groups (at most one) whose users log in with a password or with IAM; empty: whoever the security group lets in."
  type        = list(string)
  default     = []
}

variable "apply_immediately" {
  description = "Whether changes happen when they are applied. false: in the maintenance window, and until then a plan does not show that they are pending."
  type        = bool
  default     = true
}

variable "maintenance_window" {
  description = "Weekly maintenance window in UTC, such as \"sun:03:00-sun:04:00\". null: chosen by AWS once."
  type        = string
  default     = null

  validation {
    condition     = var.maintenance_window == null || can(regex("^(mon|tue|wed|thu|fri|sat|sun):[0-2][0-9]:[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):[0-2][0-9]:[0-5][0-9]$", var.maintenance_window))
    error_message = "maintenance_window must look like \"sun:03:00-sun:04:00\" (lower case, UTC)."
  }
}

variable "log_retention_days" {
  description = "Days for which CloudWatch keeps the slow log."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of the values that CloudWatch has: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts the data on disk and the backups. null: a key of ElastiCache. Read when the cache is created."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key (not its id or alias), or null."
  }
}

variable "protect" {
  description = "Take a last backup when the cache is destroyed (ElastiCache has no deletion protection). false: nothing is left."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of everything, beside the provider's default tags."
  type        = map(string)
  default     = {}
}
