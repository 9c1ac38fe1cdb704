module "one" {
  source = "./one"
  name   = "root"
}
output "deep" { value = module.one.deep }
output "whole" { value = module.one }
