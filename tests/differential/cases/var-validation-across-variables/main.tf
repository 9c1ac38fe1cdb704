variable "min" {
  type    = number
  default = 1
}
variable "max" {
  type = number
  validation {
    condition     = var.max >= var.min && local.limit > var.max
    error_message = "max must be at least min."
  }
}
locals {
  limit = 100
}
output "range" { value = range(var.min, var.max) }
