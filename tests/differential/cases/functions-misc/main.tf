locals {
  secret = sensitive("s")
}
output "all" {
  value = {
    issens   = [issensitive(local.secret), issensitive("x")]
    nonsens  = nonsensitive(local.secret)
    type     = can(type(1))
    provider = provider::terraform::encode_expr({ a = [1, "x", null] })
    tfvars   = provider::terraform::encode_tfvars({ a = 1, b = { c = "d" } })
    decode   = provider::terraform::decode_tfvars("a = 1\nb = [\"x\"]\n")
    core     = core::upper("x")
  }
}
terraform {
  required_providers {
    terraform = { source = "terraform.io/builtin/terraform" }
  }
}
