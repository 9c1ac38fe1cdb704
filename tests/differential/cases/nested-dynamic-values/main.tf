variable "rules" {
  type = list(object({
    port  = number
    cidrs = optional(list(string), ["0.0.0.0/0"])
  }))
  default = [{ port = 80 }, { port = 443, cidrs = ["10.0.0.0/8"] }]
}
locals {
  by_port = { for r in var.rules : r.port => r }
  pairs   = flatten([for r in var.rules : [for c in r.cidrs : { port = r.port, cidr = c }]])
  matrix  = { for p in setproduct(["a", "b"], [1, 2]) : "${p[0]}${p[1]}" => p }
}
resource "terraform_data" "rule" {
  for_each = { for p in local.pairs : "${p.port}-${p.cidr}" => p }
  input    = each.value
}
output "by_port" { value = local.by_port }
output "matrix" { value = local.matrix }
