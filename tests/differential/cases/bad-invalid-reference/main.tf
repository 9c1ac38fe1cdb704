output "a" {
  value = terraform_data
}
