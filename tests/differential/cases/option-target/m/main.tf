variable "v" {}
resource "terraform_data" "x" { input = var.v }
resource "terraform_data" "y" { input = 1 }
output "x" { value = terraform_data.x.output }
