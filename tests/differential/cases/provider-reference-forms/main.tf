terraform {
  required_providers {
    built = { source = "terraform.io/builtin/terraform" }
  }
}
provider "built" {
  alias = "x"
}
resource "terraform_data" "a" {
  provider = built
}
resource "terraform_data" "b" {
  provider = built.x
}
data "terraform_remote_state" "c" {
  provider = built
  backend  = "local"
  config   = { path = "c.tfstate" }
}
output "c" { value = data.terraform_remote_state.c.outputs }
