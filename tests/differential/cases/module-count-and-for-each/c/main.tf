variable "index" { type = number }
module "e" {
  source   = "./e"
  for_each = toset(["x", "y"])
  name     = "${each.key}${var.index}"
}
output "names" { value = { for k, m in module.e : k => m.name } }
