variable "s" {
  default   = "secret"
  sensitive = true
}
locals {
  inside = { a = var.s, b = "open" }
  map    = { for k in ["x"] : k => var.s }
}
resource "terraform_data" "whole" { input = local.inside }
resource "terraform_data" "part" { input = [local.inside.b, local.inside.a] }
resource "terraform_data" "trigger" {
  input            = local.map
  triggers_replace = var.s
}
resource "terraform_data" "from_resource" { input = terraform_data.whole.output }
output "closed" {
  value     = local.inside
  sensitive = true
}
output "open" { value = local.inside.b }
output "is" { value = [issensitive(local.inside), issensitive(local.inside.a), issensitive(local.inside.b)] }
