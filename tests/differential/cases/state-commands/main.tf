resource "terraform_data" "a" { input = "a" }
resource "terraform_data" "b" {
  count = 2
  input = terraform_data.a.output
}
module "m" {
  source = "./m"
}
