locals {
  l = ["a"]
}
output "a" {
  value = local.l[1]
}
