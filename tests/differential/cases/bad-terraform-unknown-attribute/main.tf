output "a" {
  value = terraform.nope
}
