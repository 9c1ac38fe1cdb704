resource "terraform_data" "a" { input = "x" }
check "reads" {
  data "terraform_remote_state" "other" {
    backend = "local"
    config  = { path = "${path.module}/other.tfstate" }
  }
  assert {
    condition     = data.terraform_remote_state.other.outputs.x == 1
    error_message = "x is not one."
  }
}
