resource "terraform_data" "r" {
  input = "overridden"
}
output "o" { description = "overridden" }
