variable "name" {
  description = "Name of the service and of everything it is made of, such as \"levels-prod-web\". At most 54 characters: its roles have longer names than it has. Target groups take 32, so the names of these are cut, and end in a hash, where it has more."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,52}[a-z0-9])?$", var.name))
    error_message = "name must be 1 to 54 lower-case letters, digits and hyphens, start with a letter and not end with a hyphen: shorten it or replace other characters with hyphens."
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
  description = "VPC of the security group and the target groups."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets in which instances start; private ones."
  type        = list(string)
}

variable "image" {
  description = "What instances start from: an AMI's id, or \"resolve:ssm:/path\" with the path of a parameter that holds one (looked up at every start)."
  type        = string

  validation {
    condition     = can(regex("^(ami-[0-9a-f]{8,17}|resolve:ssm:/?[a-zA-Z0-9_./-]+)$", var.image))
    error_message = "image must be \"ami-…\" or \"resolve:ssm:/path/of/a/parameter\"."
  }
}

variable "root_device" {
  description = "Name of the image's root device. Null: /dev/sda1 if the image's parameter names Ubuntu, else /dev/xvda (Amazon Linux, Debian). A wrong name makes a second volume, so say it for AMI ids of Ubuntu."
  type        = string
  default     = null
}

variable "instance_type" {
  description = "Instance type; of the image's processor architecture."
  type        = string
  default     = "t4g.small"
}

variable "volume_gb" {
  description = "GiB of the root volume."
  type        = number
  default     = 20

  validation {
    condition     = var.volume_gb >= 8 && var.volume_gb <= 16384
    error_message = "volume_gb must be between 8 and 16384."
  }
}

variable "spot" {
  description = "Whether instances are spare capacity, which AWS may take back with two minutes' notice."
  type        = bool
  default     = false
}

variable "spot_types" {
  description = "Further instance types to choose from when spot is true: with more of them, interruptions are fewer."
  type        = list(string)
  default     = []
}

variable "min" {
  description = "Number of instances: at least."
  type        = number

  validation {
    condition     = var.min >= 0 && floor(var.min) == var.min
    error_message = "min must be a whole number, 0 or more."
  }
}

variable "max" {
  description = "Number of instances: at most."
  type        = number

  validation {
    condition     = var.max >= 0 && floor(var.max) == var.max
    error_message = "max must be a whole number, 0 or more."
  }
}

variable "desired" {
  description = "Number of instances to have when this apply is done; autoscaling goes on from there. Null: whatever runs is left alone (a new group begins with min). Give a number to the apply that resumes or scales, and null to the others."
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
  description = "Requests a minute for each instance to keep. Null: not scaled by them. Needs a load balancer."
  type        = number
  default     = null

  validation {
    condition     = var.requests_target == null ? true : var.requests_target > 0
    error_message = "requests_target must be more than 0, or null."
  }
}

variable "backlog" {
  description = "Queue to keep short: its name, and how many waiting messages one instance is there for. Null: not scaled by a queue."
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
  description = "Whether nothing runs, until it is false again: no instances, and no schedule that starts some."
  type        = bool
  default     = false
}

variable "asleep" {
  description = "Whether a schedule has set the number to 0 for now. The same sizes as parked, but the schedules stay: an apply at night then wakes nothing up and has nothing to change."
  type        = bool
  default     = false
}

variable "schedules" {
  description = "Numbers of instances at times: recurrence is a cron expression of five fields (\"0 20 * * 1-5\"). Numbers that are left out do not change then."
  type = map(object({
    recurrence = string
    min        = optional(number)
    max        = optional(number)
    desired    = optional(number)
  }))
  default = {}

  validation {
    condition     = alltrue([for s in var.schedules : length(split(" ", s.recurrence)) == 5])
    error_message = "schedules[*].recurrence needs the five fields minute, hour, day of month, month and day of week, separated by single spaces: \"0 20 * * 1-5\"."
  }
}

variable "time_zone" {
  description = "Time zone of the schedules, as in \"Europe/Berlin\"."
  type        = string
  default     = "UTC"
}

variable "settings" {
  description = "Settings by name. They are kept as parameters below parameter_prefix and reach an instance as /run/NAME.env. Values may be unknown while planning."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for k in keys(var.settings) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", k))])
    error_message = "settings' names must be names of environment variables: letters, digits and underscores, not starting with a digit."
  }
  validation {
    condition     = alltrue([for v in values(var.settings) : v == null ? false : length(v) > 0 && length(v) <= 4096])
    error_message = "settings' values must have 1 to 4096 characters: leave a setting out instead of giving it an empty value."
  }
}

variable "parameter_prefix" {
  description = "Path of the settings in Parameter Store, such as \"/levels/prod/web\". Instances may read everything below it."
  type        = string

  validation {
    condition     = can(regex("^(/[a-zA-Z0-9_.-]+)+$", var.parameter_prefix)) && !can(regex("^/(aws|ssm)", lower(var.parameter_prefix)))
    error_message = "parameter_prefix must be a path such as \"/levels/prod/web\", without a slash at its end, and must not start with /aws or /ssm."
  }
}

variable "statements" {
  description = "What instances may do: allowing IAM statements."
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

variable "script" {
  description = "Script that is run as root at an instance's first start, after the settings have been fetched, with the settings in its environment. Null: none."
  type        = string
  default     = null
}

variable "user_data" {
  description = "User data in place of the module's own, which fetches the settings and runs script. Null: the module's own."
  type        = string
  default     = null
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
  description = "Path that answers 200 when an instance is healthy."
  type        = string
  default     = "/"

  validation {
    condition     = startswith(var.health, "/")
    error_message = "health must be a path that starts with \"/\"."
  }
}

variable "health_grace" {
  description = "Seconds after its start in which an instance need not be healthy yet."
  type        = number
  default     = 300
}

variable "drain" {
  description = "Seconds that open connections have to end when an instance is taken out."
  type        = number
  default     = 30

  validation {
    condition     = var.drain >= 0 && var.drain <= 3600
    error_message = "drain must be between 0 and 3600 seconds."
  }
}

variable "sticky" {
  description = "Whether a client stays with one instance for a day, by a cookie."
  type        = bool
  default     = false
}

variable "slow_start" {
  description = "Seconds in which a new instance's share of the requests grows to the full one; 0 for at once."
  type        = number
  default     = 0

  validation {
    condition     = var.slow_start == 0 || (var.slow_start >= 30 && var.slow_start <= 900)
    error_message = "slow_start must be 0, or between 30 and 900 seconds."
  }
}

variable "wait_minutes" {
  description = "Minutes that an apply waits until min instances are in service; 0: it does not wait."
  type        = number
  default     = 0
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
