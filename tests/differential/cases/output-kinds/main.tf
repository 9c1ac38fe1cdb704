resource "terraform_data" "a" { input = { x = [1, 2] } }
output "null" { value = null }
output "string" {
  description = "a text"
  value       = "s"
}
output "number" { value = 1.50 }
output "big" { value = 12345678901234567890123456789 }
output "tuple" { value = [1, "a", null] }
output "set" { value = toset(["b", "a"]) }
output "object" { value = { b = 1, a = { c = true } } }
output "map" { value = tomap({ b = 1, a = 2 }) }
output "resource" { value = terraform_data.a }
output "sensitive" {
  value     = "s"
  sensitive = true
}
output "dep" {
  value      = 1
  depends_on = [terraform_data.a]
}
