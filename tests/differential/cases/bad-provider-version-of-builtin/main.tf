provider "terraform" {
  version = ">= 0.1"
}
resource "terraform_data" "x" {}
