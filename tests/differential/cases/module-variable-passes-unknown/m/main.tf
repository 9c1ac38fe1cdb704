variable "id" { type = string }
variable "list" { type = list(string) }
resource "terraform_data" "b" {
  count = length(var.list)
  input = var.list[count.index]
}
output "second" { value = var.list[1] }
output "length" { value = length(var.list) }
