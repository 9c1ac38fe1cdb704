import {
  to = terraform_data.a
  id = "an-id"
}
resource "terraform_data" "a" { input = "x" }
import {
  for_each = { one = "id-1", two = "id-2" }
  to       = terraform_data.b[each.key]
  id       = each.value
}
resource "terraform_data" "b" {
  for_each = toset(["one", "two", "three"])
  input    = each.key
}
