locals {
  list = ["a", "b", "c", "b"]
  map  = { x = 1, y = 2, z = 3 }
}
output "list" { value = [for s in local.list : upper(s)] }
output "indexed" { value = [for i, s in local.list : "${i}${s}" if i != 1] }
output "from_map" { value = [for k, v in local.map : "${k}=${v}"] }
output "to_map" { value = { for i, s in slice(local.list, 0, 3) : s => i } }
output "grouped" { value = { for i, s in local.list : s => i... } }
output "filtered" { value = { for k, v in local.map : k => v if v > 1 } }
output "set" { value = [for s in toset(local.list) : s] }
output "nested" { value = [for a in ["x", "y"] : [for b in [1, 2] : "${a}${b}"]] }
output "object" { value = { for k, v in { a = 1, b = "s" } : upper(k) => v } }
output "multi" {
  value = [
    for s in local.list :
    s
    if s != "b"
  ]
}
