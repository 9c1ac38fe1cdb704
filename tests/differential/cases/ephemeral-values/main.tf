variable "token" {
  type      = string
  ephemeral = true
}
module "m" {
  source = "./m"
  token  = var.token
}
output "length" { value = module.m.fixed }
