variable "n" { default = 3 }
resource "terraform_data" "a" {
  count = var.n
  input = "v${count.index}"
}
output "all" { value = terraform_data.a[*].output }
output "one" { value = terraform_data.a[1].input }
output "length" { value = length(terraform_data.a) }
