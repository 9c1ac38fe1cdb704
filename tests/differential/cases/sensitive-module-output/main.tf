module "m" {
  source = "./m"
}
resource "terraform_data" "a" { input = module.m.secret }
resource "terraform_data" "b" { input = module.m.open }
output "s" {
  value     = module.m
  sensitive = true
}
output "plain" { value = module.m.secret }
