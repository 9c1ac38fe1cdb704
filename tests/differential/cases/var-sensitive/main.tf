variable "secret" {
  type      = string
  sensitive = true
  default   = "hidden"
}
resource "terraform_data" "a" {
  input = { open = "x", closed = var.secret }
}
resource "terraform_data" "b" {
  input = "prefix-${var.secret}"
}
output "secret" {
  value     = terraform_data.b.output
  sensitive = true
}
output "open" { value = nonsensitive(var.secret) }
