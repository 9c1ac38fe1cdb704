variable "v" {
  type    = string
  default = "base"
}
locals {
  a = "base a"
  b = "base b"
}
resource "terraform_data" "r" {
  input            = "base"
  triggers_replace = "kept"
  lifecycle {
    create_before_destroy = true
  }
}
output "o" { value = [var.v, local.a, local.b] }
