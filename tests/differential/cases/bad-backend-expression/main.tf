resource "terraform_data" "p" {
  input = "x"
}
terraform {
  backend "local" {
    path = terraform_data.p.output
  }
}
