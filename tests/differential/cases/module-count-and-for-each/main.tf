variable "n" { default = 2 }
module "c" {
  source = "./c"
  count  = var.n
  index  = count.index
}
output "all" { value = module.c[*].names }
output "one" { value = module.c[0].names["x"] }
