data "terraform_remote_state" "network" {
  backend = "local"
  config = {
    path = "../network/terraform.tfstate"
  }
  defaults = {
    missing = "default"
  }
}
resource "terraform_data" "app" {
  input = data.terraform_remote_state.network.outputs.id
}
output "list" { value = data.terraform_remote_state.network.outputs.list }
output "missing" { value = data.terraform_remote_state.network.outputs.missing }
output "secret" {
  value     = data.terraform_remote_state.network.outputs.secret
  sensitive = true
}
