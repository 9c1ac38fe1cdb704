resource "terraform_data" "path" { input = "other.tfstate" }
data "terraform_remote_state" "other" {
  backend = "local"
  config  = { path = terraform_data.path.output }
}
output "x" { value = data.terraform_remote_state.other.outputs.x }
resource "terraform_data" "use" { input = data.terraform_remote_state.other.outputs.x }
