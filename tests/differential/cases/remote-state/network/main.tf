resource "terraform_data" "vpc" { input = "vpc" }
output "id" { value = terraform_data.vpc.id }
output "list" { value = ["a", 1] }
output "secret" {
  value     = "s"
  sensitive = true
}
