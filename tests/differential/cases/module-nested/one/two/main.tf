variable "name" { type = string }
module "three" {
  source = "../../three"
  name   = "${var.name}/two"
}
output "deep" { value = module.three.id_of }
