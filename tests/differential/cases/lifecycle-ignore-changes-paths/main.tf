variable "v" { default = 1 }
resource "terraform_data" "a" {
  input = { x = { y = var.v, z = "z${var.v}" }, l = [var.v, 2] }
  triggers_replace = [var.v]
  lifecycle { ignore_changes = [input.x.y, input.l[0], triggers_replace[0]] }
}
resource "terraform_data" "b" {
  input = var.v
  triggers_replace = var.v
  lifecycle { ignore_changes = all }
}
resource "terraform_data" "c" {
  input = { "a b" = var.v, c = var.v }
  lifecycle { ignore_changes = [input["a b"]] }
}
