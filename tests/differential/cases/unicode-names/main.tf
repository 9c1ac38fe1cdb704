variable "größe" { default = "ü" }
resource "terraform_data" "名前" { input = var.größe }
resource "terraform_data" "with-dash_and1" { input = terraform_data.名前.output }
output "größe" { value = terraform_data.with-dash_and1.output }
