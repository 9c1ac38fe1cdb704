resource "terraform_data" "good" { input = "g" }
resource "terraform_data" "bad" {
  input = "b"
  provisioner "local-exec" {
    command = "exit 1"
  }
}
resource "terraform_data" "after_bad" { input = terraform_data.bad.id }
resource "terraform_data" "after_good" { input = terraform_data.good.id }
output "good" { value = terraform_data.good.output }
output "bad" { value = terraform_data.after_bad.id }
