resource "terraform_data" "inner" { input = "i" }
data "terraform_remote_state" "none" {
  count   = 0
  backend = "local"
}
output "o" { value = 1 }
