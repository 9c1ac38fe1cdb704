module "a" {
  source = "./m"
  x      = 1
}
module "b" {
  source = "./m"
  x      = module.a.y
}
output "y" { value = module.b.y }
