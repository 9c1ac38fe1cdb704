data "terraform_remote_state" "all" {
  for_each = toset(["one", "two"])
  backend  = "local"
  config   = { path = "${each.key}.tfstate" }
}
output "all" { value = { for k, s in data.terraform_remote_state.all : k => s.outputs.x } }
