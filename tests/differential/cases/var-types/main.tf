variable "text" {
  type    = string
  default = "a"
}
variable "number" {
  type    = number
  default = "12.50"
}
variable "flag" {
  type    = bool
  default = "true"
}
variable "list" {
  type    = list(string)
  default = [1, true, "x"]
}
variable "set" {
  type    = set(number)
  default = [3, 1, 2, 3]
}
variable "map" {
  type    = map(number)
  default = { b = "2", a = 1 }
}
variable "tuple" {
  type    = tuple([string, number])
  default = [1, "2"]
}
variable "object" {
  type = object({
    name = string
    port = number
  })
  default = { name = "web", port = "80", extra = "dropped" }
}
variable "untyped" { default = [1, "a", true] }
variable "anything" {
  type    = any
  default = { a = [1] }
}
variable "list_of_any" {
  type    = list(any)
  default = [1, "2"]
}
resource "terraform_data" "a" {
  input = {
    text   = var.text
    number = var.number
    flag   = var.flag
    list   = var.list
    set    = var.set
    map    = var.map
    tuple  = var.tuple
    object = var.object
    any    = var.anything
    mixed  = var.untyped
    lany   = var.list_of_any
  }
}
output "all" { value = terraform_data.a.output }
