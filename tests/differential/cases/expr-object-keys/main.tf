locals { name = "dyn" }
output "keys" {
  value = {
    plain       = 1
    "quoted"    = 2
    (local.name) = 3
    "${local.name}-x" = 4
    colon : 5
    12   = 6
    true = 7
    a = 1, b = 2
  }
}
output "later_wins" { value = merge({ a = 1 }, { a = 2 }) }
