variable "n" { default = 2 }
variable "v" { default = 1 }
resource "terraform_data" "a" {
  count = var.n
  input = var.v
}
resource "terraform_data" "whole" {
  lifecycle { replace_triggered_by = [terraform_data.a] }
}
resource "terraform_data" "one" {
  lifecycle { replace_triggered_by = [terraform_data.a[0].input] }
}
resource "terraform_data" "last" {
  lifecycle { replace_triggered_by = [terraform_data.a[1].id] }
}
