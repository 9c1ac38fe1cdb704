provider "terraform" {
  anything = "goes"
}
resource "terraform_data" "a" {}
