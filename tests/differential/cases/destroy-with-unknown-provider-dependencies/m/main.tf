variable "x" {}
resource "terraform_data" "r" { input = var.x }
output "r" { value = terraform_data.r.id }
