terraform {
  required_providers {
    terraform = { source = "terraform.io/builtin/terraform" }
  }
}

variable "secret" {
  default   = "s"
  sensitive = true
}
resource "terraform_data" "a" {
  input = provider::terraform::encode_tfvars({ a = [1, "x"], b = { "c d" = null } })
}
module "m" {
  source = "./m"
}
output "unknown" {
  value = provider::terraform::encode_expr([terraform_data.a.id])
}
output "secret" {
  value     = provider::terraform::encode_expr([var.secret])
  sensitive = true
}
output "round_trip" {
  value = provider::terraform::decode_tfvars(provider::terraform::encode_tfvars({ n = 1.5, l = [true] }))
}
output "from_template" {
  value = templatefile("t.tftpl", { v = { a = 1 } })
}
output "fallback" {
  value = try(provider::terraform::decode_tfvars("a = "), "not decodable")
}
output "m" {
  value = module.m.text
}
