locals {
  e = [local.d, local.a]
  d = { c = local.c }
  c = "${local.b}!"
  b = local.a + 1
  a = 1
}
locals {
  f = local.e
}
output "f" { value = local.f }
