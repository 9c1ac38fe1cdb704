variable "on" { default = true }
resource "terraform_data" "a" {
  count = var.on ? 1 : 0
  input = "x"
}
output "maybe" { value = one(terraform_data.a[*].output) }
output "try" { value = try(terraform_data.a[0].output, "none") }
