resource "terraform_data" "c" {
  count = 2
}
import {
  for_each = { 0 = "x", 1 = "y" }
  to = terraform_data.c[tonumber(each.key)]
  id = each.value
}
