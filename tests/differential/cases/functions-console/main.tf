variable "x" { default = { a = [1, 2] } }
resource "terraform_data" "a" { input = "in" }
