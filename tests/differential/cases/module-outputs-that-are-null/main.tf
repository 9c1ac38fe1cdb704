module "m" {
  source = "./m"
}
module "counted" {
  source = "./m"
  count  = 2
}
output "absent" {
  value = module.m.absent
}
