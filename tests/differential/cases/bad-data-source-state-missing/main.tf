data "terraform_remote_state" "a" {
  backend = "local"
  config  = { path = "nope.tfstate" }
}
output "a" {
  value = data.terraform_remote_state.a.outputs
}
