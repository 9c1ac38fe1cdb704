resource "terraform_data" "a" { input = "a" }
resource "terraform_data" "x" { input = "x" }
