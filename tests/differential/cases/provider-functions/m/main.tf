terraform {
  required_providers {
    tf = { source = "terraform.io/builtin/terraform" }
  }
}
output "text" {
  value = provider::tf::encode_expr({ a = { b = [{}] } })
}
