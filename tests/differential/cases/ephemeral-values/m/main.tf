variable "token" {
  type      = string
  ephemeral = true
}
output "fixed" { value = 1 }
output "passed" {
  value     = var.token
  ephemeral = true
}
