resource "terraform_data" "a" {}
resource "terraform_data" "b" {
  count = 2
}
module "m" {
  source = "./m"
}
