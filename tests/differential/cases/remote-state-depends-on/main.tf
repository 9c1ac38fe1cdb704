variable "v" { default = 1 }
resource "terraform_data" "before" { input = var.v }
data "terraform_remote_state" "other" {
  backend    = "local"
  config     = { path = "other.tfstate" }
  depends_on = [terraform_data.before]
}
output "x" { value = data.terraform_remote_state.other.outputs.x }
