variable "nullable" {
  type    = string
  default = "default"
}
variable "strict" {
  type     = string
  default  = "default"
  nullable = false
}
output "all" {
  value = { nullable = var.nullable == null, strict = var.strict }
}
