variable "token" {
  type      = string
  ephemeral = true
  default   = "t"
}
locals {
  derived = "x-${var.token}"
}
output "known" { value = "fine" }
output "is_set" { value = "also fine" }
