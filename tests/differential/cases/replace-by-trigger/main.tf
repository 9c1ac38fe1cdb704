variable "v" { default = 1 }
resource "terraform_data" "a" {
  input            = "x"
  triggers_replace = { v = var.v, list = [var.v] }
}
resource "terraform_data" "b" { input = terraform_data.a.id }
output "id" { value = terraform_data.a.id }
