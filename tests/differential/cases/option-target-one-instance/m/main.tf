resource "terraform_data" "d" {
  count = 1
  input = 1
}
output "v" {
  value = terraform_data.d[*].input
}
