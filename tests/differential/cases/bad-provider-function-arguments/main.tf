terraform {
  required_providers {
    terraform = { source = "terraform.io/builtin/terraform" }
  }
}

locals {
  a = provider::terraform::encode_expr(1, 2)
}
output "a" {
  value = local.a
}
