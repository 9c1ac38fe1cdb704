variable "v" { default = 1 }
resource "terraform_data" "base" {
  triggers_replace = var.v
}
resource "terraform_data" "a" {
  triggers_replace = terraform_data.base.id
  lifecycle {
    create_before_destroy = true
  }
}
resource "terraform_data" "user" {
  input = terraform_data.a.id
}
