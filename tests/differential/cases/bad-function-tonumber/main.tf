locals {
  a = tonumber("x")
}
output "a" {
  value = local.a
}
