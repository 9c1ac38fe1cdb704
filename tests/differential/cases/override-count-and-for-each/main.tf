resource "terraform_data" "a" {
  count = 2
  input = "x"
}
resource "terraform_data" "b" {
  for_each = toset(["a"])
}
module "m" {
  source = "./m"
  for_each = toset(["a"])
}
