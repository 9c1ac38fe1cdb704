terraform {
  required_version = ">= 1.0, < 2.0.0"
}
output "x" { value = 1 }
