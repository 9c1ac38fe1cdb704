provider "terraform" {
  alias = "other"
}
import {
  provider = terraform.other
  to       = terraform_data.x
  id       = "abc"
}
resource "terraform_data" "x" {
  provider = terraform.other
}
