module "a" {
  source = "./m"
  x      = "root"
}
module "b" {
  source     = "./m"
  x          = module.a.x
  depends_on = [module.a]
}
output "both" { value = [module.a.x, module.b.x] }
