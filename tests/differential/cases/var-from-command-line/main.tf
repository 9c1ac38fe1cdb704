variable "text" { type = string }
variable "list" { type = list(string) }
variable "map" { type = map(number) }
variable "empty" {
  type    = string
  default = "x"
}
output "all" {
  value = [var.text, var.list, var.map, var.empty]
}
