resource "terraform_data" "c" {
  
}
import {
  to = terraform_data.c[0]
  id = "x"
}
