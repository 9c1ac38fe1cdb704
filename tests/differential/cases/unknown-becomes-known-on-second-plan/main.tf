variable "v" { default = 1 }
resource "terraform_data" "a" {
  input            = var.v
  triggers_replace = "fixed"
}
resource "terraform_data" "b" {
  input = terraform_data.a.output
}
resource "terraform_data" "c" {
  triggers_replace = [terraform_data.b.output]
}
