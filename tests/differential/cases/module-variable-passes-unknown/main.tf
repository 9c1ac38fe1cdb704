resource "terraform_data" "a" { input = "x" }
module "m" {
  source = "./m"
  id     = terraform_data.a.id
  list   = [terraform_data.a.id, "known"]
}
output "known_part" { value = module.m.second }
output "length" { value = module.m.length }
