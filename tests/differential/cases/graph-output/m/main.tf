variable "x" {}
resource "terraform_data" "c" { input = var.x }
