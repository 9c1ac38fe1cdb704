variable "name" {
  description = "What all alarms' names begin with, and the name of the topic, such as \"levels-prod\"."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,46}[a-z0-9])?$", var.name))
    error_message = "name must be 1 to 48 lower-case letters, digits and hyphens, start with a letter and not end with a hyphen: shorten it or replace other characters with hyphens."
  }
}

variable "tags" {
  description = "Tags of everything in the module, on top of the provider's default_tags."
  type        = map(string)
  default     = {}
}

variable "topic_arn" {
  description = "Topic that is told. Null: one of its own is made, named \"NAME-alarms\"."
  type        = string
  default     = null
}

variable "own_topic" {
  description = "Whether a topic is made here; has to be known while planning. Null: true if topic_arn is null."
  type        = bool
  default     = null
}

variable "emails" {
  description = "Addresses that are told. Each has to confirm a mail once."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for e in var.emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", e))])
    error_message = "emails must be mail addresses."
  }
}

variable "services" {
  description = "Services: on instances with autoscaling_group_name, in containers with cluster_name and service_name (names known while planning). With attached (known while planning), the other two are of the load balancer in front."
  type = map(object({
    autoscaling_group_name   = optional(string)
    cluster_name             = optional(string)
    service_name             = optional(string)
    attached                 = optional(bool, false)
    target_group_arn_suffix  = optional(string)
    load_balancer_arn_suffix = optional(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for s in var.services : (s.autoscaling_group_name == null) != (s.service_name == null)])
    error_message = "Each of services needs either autoscaling_group_name, or cluster_name and service_name."
  }
  validation {
    condition     = alltrue([for s in var.services : (s.cluster_name == null) == (s.service_name == null)])
    error_message = "services[*].cluster_name and service_name belong together."
  }
}

variable "databases" {
  description = "Databases: identifier and kind (\"cluster\" of Aurora or \"instance\")."
  type = map(object({
    identifier = string
    kind       = string
  }))
  default = {}

  validation {
    condition     = alltrue([for d in var.databases : contains(["cluster", "instance"], d.kind)])
    error_message = "databases[*].kind must be \"cluster\" or \"instance\"."
  }
}

variable "queues" {
  description = "Queues: their names, and their dead-letter queues'. age is how many seconds the oldest message may wait."
  type = map(object({
    queue_name             = string
    dead_letter_queue_name = optional(string)
    age                    = optional(number, 900)
  }))
  default = {}
}

variable "functions" {
  description = "Functions by name."
  type = map(object({
    function_name = string
  }))
  default = {}
}

variable "caches" {
  description = "Caches: the ids of their nodes (\"levels-prod-main-001\"), known while planning."
  type = map(object({
    node_ids = list(string)
  }))
  default = {}
}

variable "streams" {
  description = "Kafka clusters: their names and how many brokers they have."
  type = map(object({
    cluster_name = string
    brokers      = number
  }))
  default = {}
}
