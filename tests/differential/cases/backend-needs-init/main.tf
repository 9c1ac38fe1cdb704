terraform {
  backend "local" {
    path = "here.tfstate"
  }
}
resource "terraform_data" "a" { input = 1 }
