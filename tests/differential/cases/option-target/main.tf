variable "v" { default = 1 }
resource "terraform_data" "a" { input = var.v }
resource "terraform_data" "b" { input = terraform_data.a.output }
resource "terraform_data" "c" { input = terraform_data.b.output }
resource "terraform_data" "d" {
  count = 2
  input = var.v
}
module "m" {
  source = "./m"
  v      = terraform_data.a.output
}
output "c" { value = terraform_data.c.output }
output "a" { value = terraform_data.a.output }
