variable "x" { type = number }
resource "terraform_data" "r" { input = var.x + 1 }
output "y" { value = terraform_data.r.output }
