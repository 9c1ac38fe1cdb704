variable "name" { type = string }
module "two" {
  source = "./two"
  name   = "${var.name}/one"
}
output "deep" { value = module.two.deep }
output "mine" { value = var.name }
