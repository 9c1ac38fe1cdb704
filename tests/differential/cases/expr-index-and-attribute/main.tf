locals {
  list = ["a", "b"]
  map  = { "k e y" = 1, k = { l = [10, 20] } }
  key  = "k"
}
output "all" {
  value = [
    local.list[0], local.list["1"], local.map["k e y"], local.map.k.l[1],
    local.map[local.key]["l"][0], local.map["k"].l.0, { a = 1 }.a, ["x", "y"][1],
    { (local.key) = 5 }["k"], { "${local.key}x" = 6 }.kx,
  ]
}
