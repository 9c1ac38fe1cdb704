locals {
  a = {
    ok = 1
    list = [
      "fine",
      tonumber("bad"),
    ]
  }
}
output "a" { value = local.a }
