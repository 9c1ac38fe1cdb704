module "m" {
  source   = "./m"
  nullable = null
  strict   = null
}
output "m" { value = module.m.all }
