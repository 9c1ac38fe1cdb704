resource "terraform_data" "a" { input = path.module }
