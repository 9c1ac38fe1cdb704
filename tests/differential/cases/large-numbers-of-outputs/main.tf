resource "terraform_data" "a" {
  count = 12
  input = count.index
}
output "sorted" { value = { for i, a in terraform_data.a : format("%02d", i) => a.output } }
output "tuple" { value = terraform_data.a[*].input }
