variable "e" {
  ephemeral = true
  default = "x"
}
module "m" {
  source = "./m"
  a = { b = [var.e] }
}
