variable "v" { default = 1 }
variable "fail" { default = false }
resource "terraform_data" "a" {
  input            = var.v
  triggers_replace = var.v
  lifecycle {
    create_before_destroy = true
  }
  provisioner "local-exec" {
    command = var.fail ? "exit 1" : "true"
  }
}
resource "terraform_data" "b" { input = terraform_data.a.id }
