module "m" {
  source = "./m"
}
module "n" {
  source = "./m"
}
resource "terraform_data" "a" {
  for_each = toset(["x", "y"])
  input = each.key
}
resource "terraform_data" "keep" {}
