variable "name" {
  description = "Name of the service and of everything it is made of, such as \"levels-prod-web\". At most 54 characters: its roles have longer names than it has. Target groups take 32, so the names of these are cut, and end in a hash, where it has more."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,52}[a-z0-9])?$", var.name))
    error_message = "name must be 1 to 54 lower-case letters, digits and hyphens, start with a letter and not end with a hyphen: shorten it or replace other characters with hyphens."
  }
}

variable "tags" {
  description = "Tags of everything in the module, tasks included, on top of the provider's default_tags. (default_tags do not reach tasks themselves.)"
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
  description = "VPC of the security group and the target groups."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets in which tasks run; private ones."
  type        = list(string)
}

variable "cluster_arn" {
  description = "ARN of the ECS cluster."
  type        = string
}

variable "cluster_name" {
  description = "Name of the ECS cluster."
  type        = string
}

variable "launch" {
  description = "Where tasks run: \"fargate\", or \"instances\" of the cluster."
  type        = string
  default     = "fargate"

  validation {
    condition     = contains(["fargate", "instances"], var.launch)
    error_message = "launch must be \"fargate\" or \"instances\"."
  }
}

variable "capacity_provider" {
  description = "Capacity provider of the cluster that tasks use. Null: Fargate for launch = \"fargate\" (FARGATE_SPOT with spot), any instance of the cluster for \"instances\"."
  type        = string
  default     = null
}

variable "spot" {
  description = "Whether tasks on Fargate use spare capacity, which AWS may take back with two minutes' notice."
  type        = bool
  default     = false
}

variable "image" {
  description = "The container image: \"REGISTRY/REPOSITORY:TAG\" or with a digest."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9][a-zA-Z0-9._:/@-]*$", var.image))
    error_message = "image must be the reference of a container image, such as \"public.ecr.aws/nginx/nginx:1.27\"."
  }
}

variable "command" {
  description = "Command in place of the image's own. Null: the image's."
  type        = list(string)
  default     = null
}

variable "cpu" {
  description = "Processor units of 1/1024 for each task."
  type        = number
  default     = 256
}

variable "memory" {
  description = "MiB of memory for each task."
  type        = number
  default     = 512
}

variable "architecture" {
  description = "Processor architecture of the image: \"ARM64\" or \"X86_64\"."
  type        = string
  default     = "ARM64"

  validation {
    condition     = contains(["ARM64", "X86_64"], var.architecture)
    error_message = "architecture must be \"ARM64\" or \"X86_64\"."
  }
}

variable "read_only" {
  description = "Whether the container's root file system cannot be written to."
  type        = bool
  default     = false
}

variable "shell" {
  description = "Whether people with the permission ecs:ExecuteCommand may open a shell in a task."
  type        = bool
  default     = false
}

variable "min" {
  description = "Number of tasks: at least."
  type        = number

  validation {
    condition     = var.min >= 0 && floor(var.min) == var.min
    error_message = "min must be a whole number, 0 or more."
  }
}

variable "max" {
  description = "Number of tasks: at most."
  type        = number

  validation {
    condition     = var.max >= 0 && floor(var.max) == var.max
    error_message = "max must be a whole number, 0 or more."
  }
}

variable "desired" {
  description = "Number of tasks to have when this apply is done. Null: min. A service that scales itself uses it when it begins and when it resumes, and goes on from there."
  type        = number
  default     = null
}

variable "cpu_target" {
  description = "Average processor use to keep, in percent. Null: not scaled by it."
  type        = number
  default     = null

  validation {
    condition     = var.cpu_target == null ? true : var.cpu_target >= 5 && var.cpu_target <= 95
    error_message = "cpu_target is a percentage between 5 and 95, or null."
  }
}

variable "requests_target" {
  description = "Requests a minute for each task to keep. Null: not scaled by them. Needs a load balancer."
  type        = number
  default     = null

  validation {
    condition     = var.requests_target == null ? true : var.requests_target > 0
    error_message = "requests_target must be more than 0, or null."
  }
}

variable "backlog" {
  description = "Queue to keep short: its name, and how many waiting messages one task is there for. Null: not scaled by a queue. Needs Container Insights on the cluster."
  type = object({
    queue_name   = string
    per_instance = number
  })
  default = null

  validation {
    condition     = var.backlog == null ? true : var.backlog.per_instance > 0
    error_message = "backlog.per_instance must be more than 0."
  }
}

variable "parked" {
  description = "Whether nothing runs, until it is false again: no tasks, and no schedule that starts some. A service that scales itself is taken away meanwhile and comes back with desired tasks."
  type        = bool
  default     = false
}

variable "asleep" {
  description = "Whether a schedule has set the number to 0 for now: an apply at night then wakes nothing up."
  type        = bool
  default     = false
}

variable "schedules" {
  description = "Numbers of tasks at times: recurrence is a cron(…) or rate(…) expression of Application Auto Scaling (\"cron(0 20 ? * MON-FRI *)\"). Tasks are brought between min and max; desired is min."
  type = map(object({
    recurrence = string
    min        = optional(number)
    max        = optional(number)
    desired    = optional(number)
  }))
  default = {}

  validation {
    condition     = alltrue([for s in var.schedules : can(regex("^(cron|rate|at)\\(.+\\)$", s.recurrence))])
    error_message = "schedules[*].recurrence must be \"cron(minute hour day month weekday year)\" or \"rate(…)\"."
  }
}

variable "time_zone" {
  description = "Time zone of the schedules, as in \"Europe/Berlin\"."
  type        = string
  default     = "UTC"
}

variable "settings" {
  description = "Environment variables. Values may be unknown while planning."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for k in keys(var.settings) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", k))])
    error_message = "settings' names must be names of environment variables: letters, digits and underscores, not starting with a digit."
  }
}

variable "secrets" {
  description = "Environment variables whose values are secrets: name to the ARN of a secret or a parameter (a secret's may end with \":KEY::\" for one key of it)."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for k in keys(var.secrets) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", k))])
    error_message = "secrets' names must be names of environment variables: letters, digits and underscores, not starting with a digit."
  }
}

variable "kms_key_arns" {
  description = "Keys of one's own that the secrets are encrypted with; none for AWS's keys."
  type        = list(string)
  default     = []
}

variable "statements" {
  description = "What tasks may do: allowing IAM statements."
  type = list(object({
    sid       = string
    actions   = list(string)
    resources = list(string)
    conditions = optional(list(object({
      test     = string
      variable = string
      values   = list(string)
    })), [])
  }))
  default = []

  validation {
    condition     = alltrue([for s in var.statements : can(regex("^[A-Za-z0-9]+$", s.sid))])
    error_message = "statements[*].sid may have letters and digits only."
  }
}

variable "port" {
  description = "Port that the service listens on. Null: nothing connects to it."
  type        = number
  default     = null

  validation {
    condition     = var.port == null ? true : var.port >= 1 && var.port <= 65535
    error_message = "port must be between 1 and 65535, or null."
  }
}

variable "load_balancers" {
  description = "Load balancers in front of it, by keys known while planning (\"public\", \"internal\"): the listener, the load balancer's arn_suffix, hosts and paths that lead here (together one to five; none of both: everything), and the rule's priority, which no other rule of the listener has."
  type = map(object({
    listener_arn = string
    arn_suffix   = optional(string)
    hosts        = optional(list(string), [])
    paths        = optional(list(string), [])
    priority     = number
  }))
  default = {}

  validation {
    condition     = alltrue([for l in var.load_balancers : length(l.hosts) + length(l.paths) <= 5])
    error_message = "A rule of a load balancer takes at most five hosts and paths together: use a wildcard such as \"*.levels.example\"."
  }
  validation {
    condition     = alltrue([for l in var.load_balancers : l.priority >= 1 && l.priority <= 50000])
    error_message = "load_balancers[*].priority must be between 1 and 50000."
  }
}

variable "health" {
  description = "Path that answers 200 when a task is healthy."
  type        = string
  default     = "/"

  validation {
    condition     = startswith(var.health, "/")
    error_message = "health must be a path that starts with \"/\"."
  }
}

variable "health_grace" {
  description = "Seconds after its start in which a task need not be healthy yet."
  type        = number
  default     = 60
}

variable "drain" {
  description = "Seconds that open connections have to end when a task is taken out."
  type        = number
  default     = 30

  validation {
    condition     = var.drain >= 0 && var.drain <= 3600
    error_message = "drain must be between 0 and 3600 seconds."
  }
}

variable "sticky" {
  description = "Whether a client stays with one task for a day, by a cookie."
  type        = bool
  default     = false
}

variable "slow_start" {
  description = "Seconds in which a new task's share of the requests grows to the full one; 0 for at once."
  type        = number
  default     = 0

  validation {
    condition     = var.slow_start == 0 || (var.slow_start >= 30 && var.slow_start <= 900)
    error_message = "slow_start must be 0, or between 30 and 900 seconds."
  }
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}
