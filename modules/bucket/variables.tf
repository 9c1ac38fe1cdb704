variable "name" {
  description = "Name of the bucket, unique in all of AWS: end it with the account's id to be sure, such as \"levels-prod-uploads-111111111111\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", var.name)) && length(var.name) >= 3 && length(var.name) <= 63
    error_message = "name must be 3 to 63 characters of a-z, 0-9 and hyphens, starting and ending with a letter or digit: shorten it or replace other characters by hyphens."
  }

  validation {
    condition     = !strcontains(var.name, ".")
    error_message = "name must not contain dots: TLS certificates of S3 do not cover such names. Use hyphens."
  }
}

variable "region" {
  description = "Region of the bucket, such as \"eu-west-1\". ARNs are built from it, so that they are known while planning."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "region must be the code of a region, such as \"eu-west-1\", not of an availability zone or its display name."
  }
}

variable "account_id" {
  description = "Account that owns the bucket: twelve digits."
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

variable "versioned" {
  description = "Keep overwritten and deleted objects for noncurrent_days."
  type        = bool
  default     = true
}

variable "expire_days" {
  description = "Days after which objects are deleted; 0: never."
  type        = number
  default     = 0

  validation {
    condition     = var.expire_days >= 0 && floor(var.expire_days) == var.expire_days
    error_message = "expire_days must be a whole number of days, or 0 to keep objects for ever."
  }
}

variable "noncurrent_days" {
  description = "Days for which overwritten and deleted objects are kept; 0: for ever."
  type        = number
  default     = 30

  validation {
    condition     = var.noncurrent_days >= 0 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "noncurrent_days must be a whole number of days, or 0 to keep old versions for ever."
  }
}

variable "protect" {
  description = "Refuse to destroy a bucket that is not empty. false: it is destroyed with everything in it."
  type        = bool
  default     = false
}

variable "kms_key_arn" {
  description = "Key that encrypts the objects. null: keys of S3."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key (not its id or alias), or null."
  }
}

variable "notifications" {
  description = "Who is told when something happens to objects, by a name of your choice. The target must allow it: a function's invokers, a queue's or topic's publishers. Events are such as \"s3:ObjectCreated:*\"."
  type = map(object({
    target = string
    arn    = string
    events = list(string)
    prefix = optional(string)
    suffix = optional(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for notification in values(var.notifications) : contains(["function", "queue", "topic"], notification.target)])
    error_message = "The target of each of notifications must be \"function\", \"queue\" or \"topic\"."
  }

  validation {
    condition     = alltrue([for event in flatten(values(var.notifications)[*].events) : startswith(event, "s3:")])
    error_message = "The events of notifications must be names of S3, such as \"s3:ObjectCreated:*\" or \"s3:ObjectRemoved:Delete\"."
  }

  validation {
    condition     = alltrue([for notification in values(var.notifications) : length(notification.events) > 0])
    error_message = "Each of notifications needs at least one event, such as \"s3:ObjectCreated:*\"."
  }
}

variable "eventbridge" {
  description = "Send all events to EventBridge as well."
  type        = bool
  default     = false
}

variable "replicate" {
  description = "Whether new objects are copied to replica. Apart from it, because what replica says may not be known while planning."
  type        = bool
  default     = false
}

variable "replica" {
  description = "Where copies go: a bucket with versions. Another account's needs account_id, and this bucket's replication_role_arn among its copiers. Deletions are not copied."
  type = object({
    bucket_arn    = string
    account_id    = optional(string)
    prefix        = optional(string, "")
    storage_class = optional(string)
    kms_key_arn   = optional(string)
  })
  default = null
}

variable "copiers" {
  description = "Roles of other accounts that copy into this bucket (their replication_role_arn)."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.copiers : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", arn))])
    error_message = "copiers must be ARNs of roles: the output replication_role_arn of the buckets that copy."
  }
}

variable "cdn" {
  description = "Whether the distribution cdn_arn reads the objects. Apart from it, because a distribution's ARN is known once created."
  type        = bool
  default     = false
}

variable "cdn_arn" {
  description = "ARN of the CloudFront distribution that reads the objects, with cdn = true."
  type        = string
  default     = null
}

variable "cors_origins" {
  description = "Origins whose pages may use the bucket from a browser, such as \"https://app.levels.example\"."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.cors_origins : origin == "*" || can(regex("^https?://[^/]+$", origin))])
    error_message = "cors_origins must be origins, such as \"https://app.levels.example\": with the scheme, without a path or a slash at the end."
  }
}

variable "cors_methods" {
  description = "What these pages may do."
  type        = list(string)
  default     = ["GET", "HEAD", "POST", "PUT"]

  validation {
    condition     = length(setsubtract(var.cors_methods, ["DELETE", "GET", "HEAD", "POST", "PUT"])) == 0
    error_message = "cors_methods may contain DELETE, GET, HEAD, POST and PUT."
  }
}

variable "log_bucket" {
  description = "Name of the bucket that gets this one's access log (output log_bucket of a bucket with log_writers = [\"s3\"]); null: none."
  type        = string
  default     = null
}

variable "log_writers" {
  description = "What in this account writes its logs into this bucket: \"s3\" (access logs of buckets), \"load-balancer\" (below a prefix). Encryption by a key of one's own refuses the latter."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.log_writers, ["s3", "load-balancer"])) == 0
    error_message = "log_writers may contain \"s3\" and \"load-balancer\"."
  }
}

variable "tags" {
  description = "Tags of everything, beside the provider's default tags."
  type        = map(string)
  default     = {}
}
