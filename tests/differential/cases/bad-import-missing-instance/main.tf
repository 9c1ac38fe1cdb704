resource "terraform_data" "c" {
  count = 1
}
import {
  to = terraform_data.c[3]
  id = "x"
}
