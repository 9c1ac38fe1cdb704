variable "name" {
  description = "Identifier of the database and prefix of everything around it, such as \"levels-prod-main\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9]|-[a-z0-9])*$", var.name)) && length(var.name) <= 55
    error_message = "name must start with a letter, contain only a-z, 0-9 and single hyphens, not end with a hyphen, and have at most 55 characters: shorten it or replace other characters by hyphens."
  }
}

variable "region" {
  description = "Region of the database, such as \"eu-west-1\". ARNs are built from it, so that they are known while planning."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "region must be the code of a region, such as \"eu-west-1\", not of an availability zone or its display name."
  }
}

variable "account_id" {
  description = "Account that owns the database: twelve digits."
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

variable "engine" {
  description = "Engine and version in one word: \"aurora-mysql-8.0\", \"aurora-postgresql-16\", \"mysql-8.0\", \"postgres-16\", \"mariadb-11.4\". A minor version (\"postgres-16.4\") pins it and turns automatic minor upgrades off."
  type        = string

  validation {
    condition = anytrue([
      can(regex("^(aurora-mysql|mysql|mariadb)-[0-9]+\\.[0-9]+(\\.[0-9a-z_.]+)?$", var.engine)),
      can(regex("^(aurora-postgresql|postgres)-[0-9]+(\\.[0-9]+)?$", var.engine)),
    ])
    error_message = "engine must be one of aurora-mysql-8.0, aurora-postgresql-16, mysql-8.0, postgres-16, mariadb-11.4 or another version of these: family, hyphen, version (MySQL and MariaDB versions have two numbers, PostgreSQL versions one)."
  }
}

variable "instance_class" {
  description = "Class of the instances, such as \"db.t4g.medium\" or \"db.r7g.large\". Not used with serverless."
  type        = string
  default     = null

  validation {
    condition     = var.instance_class == null || can(regex("^db\\.[a-z0-9-]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "instance_class must be a database class, which starts with \"db.\", such as \"db.r7g.large\"; for Aurora Serverless set serverless instead."
  }
}

variable "serverless" {
  description = "Aurora Serverless v2 in place of a fixed class: capacity units (about 2 GB of memory each) from min to max, in halves. A min of 0 pauses the database when nobody is connected."
  type = object({
    min = number
    max = number
  })
  default = null

  validation {
    condition     = var.serverless == null ? true : var.serverless.min >= 0 && var.serverless.max >= max(1, var.serverless.min) && var.serverless.max <= 256 && floor(var.serverless.min * 2) == var.serverless.min * 2 && floor(var.serverless.max * 2) == var.serverless.max * 2
    error_message = "serverless needs 0 <= min <= max, max between 1 and 256, both in steps of 0.5, such as { min = 0.5, max = 8 }."
  }
}

variable "readers" {
  description = "Number of readers beside the writer (Aurora only); each is also what the writer fails over to."
  type        = number
  default     = 0

  validation {
    condition     = var.readers >= 0 && var.readers <= 15 && floor(var.readers) == var.readers
    error_message = "readers must be a whole number from 0 to 15, which is what a cluster can have."
  }
}

variable "multi_az" {
  description = "Keep a standby in another zone (not for Aurora, where readers do that). null: as protect."
  type        = bool
  default     = null
}

variable "vpc_id" {
  description = "VPC of the security group."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the database, in at least two zones; the data tier's."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids needs at least two subnets in different zones, even for a database with a single instance."
  }
}

variable "port" {
  description = "Port to listen on. null: 3306 or 5432, by the engine."
  type        = number
  default     = null

  validation {
    condition     = var.port == null ? true : var.port >= 1150 && var.port <= 65535
    error_message = "port must be between 1150 and 65535, or null for the engine's own."
  }
}

variable "database" {
  description = "Name of the database that is made inside. Read when the database is created."
  type        = string
  default     = "app"

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9_]{0,62}$", var.database))
    error_message = "database must start with a letter and contain only letters, digits and underscores, at most 63: replace hyphens by underscores."
  }
}

variable "username" {
  description = "Name of the main user. Its password is made, kept and rotated by RDS in Secrets Manager and never comes into Terraform. Read when the database is created."
  type        = string
  default     = "root_user"

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9_]{0,15}$", var.username)) && !contains(["admin", "root", "rdsadmin", "postgres", "mysql"], var.username)
    error_message = "username must start with a letter, contain only letters, digits and underscores, have at most 16 characters, and not be a name that some engine reserves (admin, root, rdsadmin, postgres, mysql)."
  }
}

variable "storage_gb" {
  description = "Disk in GB; not for Aurora, which grows by itself."
  type        = number
  default     = 20

  validation {
    condition     = var.storage_gb >= 20 && var.storage_gb <= 65536 && floor(var.storage_gb) == var.storage_gb
    error_message = "storage_gb must be a whole number from 20 to 65536."
  }
}

variable "max_storage_gb" {
  description = "How far a full disk grows by itself, in GB; not for Aurora. null: four times storage_gb; 0: never."
  type        = number
  default     = null

  validation {
    condition     = var.max_storage_gb == null ? true : var.max_storage_gb >= 0 && var.max_storage_gb <= 65536
    error_message = "max_storage_gb must be between 0 (never grow) and 65536, or null for four times storage_gb."
  }
}

variable "backup_days" {
  description = "Days for which any moment can be restored."
  type        = number
  default     = 7

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 35 && floor(var.backup_days) == var.backup_days
    error_message = "backup_days must be a whole number from 1 to 35; for longer keep snapshots with AWS Backup."
  }
}

variable "backup_window" {
  description = "Daily backup window in UTC, such as \"02:00-03:00\". null: chosen by AWS once."
  type        = string
  default     = null

  validation {
    condition     = var.backup_window == null || can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$", var.backup_window))
    error_message = "backup_window must look like \"02:00-03:00\" (UTC, at least 30 minutes)."
  }
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

variable "apply_immediately" {
  description = "Whether changes happen when they are applied. false: in the maintenance window, and until then a plan does not show that they are pending."
  type        = bool
  default     = true
}

variable "parameters" {
  description = "Parameters of the engine, by name (cluster parameters for Aurora). They win over the defaults of this module, except those that require TLS."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.parameters), ["require_secure_transport", "rds.force_ssl"])) == 0
    error_message = "parameters must not contain require_secure_transport or rds.force_ssl: TLS is always required here. Let the client connect with TLS instead."
  }
}

variable "reboot_parameters" {
  description = "Names in parameters that only take effect with a reboot (static parameters) and that this module does not know as such."
  type        = set(string)
  default     = []
}

variable "performance_insights" {
  description = "Performance Insights with seven days of history, which cost nothing. null: wherever the class has it."
  type        = bool
  default     = null
}

variable "log_exports" {
  description = "Logs that go to CloudWatch. null: error and slow query log for MySQL and MariaDB, the one log of PostgreSQL."
  type        = set(string)
  default     = null

  validation {
    condition     = var.log_exports == null ? true : length(setsubtract(var.log_exports, ["audit", "error", "general", "slowquery", "postgresql", "upgrade", "instance", "iam-db-auth-error"])) == 0
    error_message = "log_exports may contain audit, error, general, slowquery (MySQL, MariaDB), postgresql, upgrade (PostgreSQL), instance, iam-db-auth-error."
  }
}

variable "log_retention_days" {
  description = "Days for which CloudWatch keeps these logs."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of the values that CloudWatch has: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts storage, backups and the password. null: the account's keys for RDS and Secrets Manager. Read when the database is created."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key (not its id or alias), or null."
  }
}

variable "restore" {
  description = "Snapshot to start from (its identifier or ARN). Read when the database is created; user and database are then the snapshot's."
  type        = string
  default     = null
}

variable "protect" {
  description = "Refuse deletion, and take a last snapshot when that is switched off and the database removed all the same. false: everything can be destroyed and nothing is left."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of everything, beside the provider's default tags."
  type        = map(string)
  default     = {}
}
