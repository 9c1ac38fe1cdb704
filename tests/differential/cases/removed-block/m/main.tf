resource "terraform_data" "inner" { input = "i" }
