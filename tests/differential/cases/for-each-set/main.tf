variable "names" {
  type    = set(string)
  default = ["x", "y"]
}
resource "terraform_data" "a" {
  for_each = var.names
  input    = "${each.key}=${each.value}"
}
output "all" { value = [for a in terraform_data.a : a.output] }
