resource "terraform_data" "c" {
  for_each = toset(["a"])
}
import {
  to = terraform_data.c
  id = "x"
}
