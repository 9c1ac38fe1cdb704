module "m" {
  source   = "./m"
  for_each = toset(["a", "b"])
}
output "all" {
  value = { for k, m in module.m : k => m.v }
}
