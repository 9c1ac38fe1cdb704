resource "terraform_data" "a" {
  for_each = toset(["a"])
}
resource "terraform_data" "b" {
  count = 2
}
module "m" {
  count = 1
}
