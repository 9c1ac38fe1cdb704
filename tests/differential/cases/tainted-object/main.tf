variable "fail" { default = true }
resource "terraform_data" "a" {
  input = "x"
  provisioner "local-exec" {
    command = var.fail ? "exit 3" : "true"
  }
}
resource "terraform_data" "b" { input = terraform_data.a.id }
