terraform {
  required_providers {
    terraform = { source = "terraform.io/builtin/terraform" }
  }
}

output "a" {
  value = providers::terraform::encode_expr(1)
}
