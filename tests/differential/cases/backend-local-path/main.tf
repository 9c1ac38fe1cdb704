terraform {
  backend "local" {
    path = "states/here.tfstate"
  }
}
resource "terraform_data" "a" { input = 1 }
