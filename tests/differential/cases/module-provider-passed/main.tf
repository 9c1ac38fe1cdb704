terraform {
  required_providers {
    terraform = { source = "terraform.io/builtin/terraform" }
  }
}
provider "terraform" {}
provider "terraform" {
  alias = "other"
}
module "m" {
  source = "./m"
  providers = {
    terraform      = terraform
    terraform.more = terraform.other
  }
}
resource "terraform_data" "here" {
  provider = terraform.other
  input    = module.m.x
}
