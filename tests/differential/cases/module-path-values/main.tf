module "m" {
  source = "./deep/m"
}
output "root" { value = [path.module, path.root, basename(path.cwd), terraform.workspace] }
output "m" { value = module.m.paths }
