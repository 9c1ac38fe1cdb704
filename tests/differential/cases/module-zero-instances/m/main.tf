variable "x" {}
resource "terraform_data" "r" { input = var.x }
output "id" { value = terraform_data.r.id }
