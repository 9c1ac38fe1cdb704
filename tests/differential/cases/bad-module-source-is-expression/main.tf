resource "terraform_data" "s" {
  input = "./m"
}
module "m" {
  source = terraform_data.s.output
}
