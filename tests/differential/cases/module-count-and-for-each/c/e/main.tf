variable "name" { type = string }
resource "terraform_data" "r" {
  count = 2
  input = "${var.name}-${count.index}"
}
output "name" { value = terraform_data.r[1].output }
