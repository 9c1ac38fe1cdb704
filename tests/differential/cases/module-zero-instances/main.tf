module "m" {
  source   = "./m"
  for_each = {}
  x        = each.value
}
output "m" { value = module.m }
output "keys" { value = keys(module.m) }
