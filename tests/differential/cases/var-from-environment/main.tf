variable "text" { type = string }
variable "list" { type = list(number) }
variable "object" { type = object({ a = string }) }
variable "loose" {}
variable "flag" { type = bool }
output "all" {
  value = [var.text, var.list, var.object, var.loose, var.flag]
}
