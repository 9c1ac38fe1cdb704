output "s" { value = "text" }
output "n" { value = 1.5 }
output "l" { value = ["a", 1] }
output "secret" {
  value     = "x"
  sensitive = true
}
