variable "create" {
  default = true
}

variable "name" {
  type    = string
  default = null
}

variable "first" {
  default = 3
}

locals {
  name = var.name
  pick = var.create ? ["a"][var.first] : "none"
}

resource "terraform_data" "x" {
  count = var.create ? 1 : 0
  input = format("%s", var.name)
}

resource "terraform_data" "y" {
  count = var.create ? 1 : 0
  input = format("%s", local.name)
}

output "name" {
  value = var.name
}

output "list" {
  value = ["a"]
}

output "text" {
  value = join("", ["a"])
}

output "hidden" {
  value     = "h"
  sensitive = true
}
