resource "terraform_data" "c" {
  count = 2
}
import {
  for_each = toset(["0", "1"])
  to = terraform_data.c[each.key]
  id = "c${each.key}"
}
