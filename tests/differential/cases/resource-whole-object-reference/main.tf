resource "terraform_data" "a" {
  count = 2
  input = { n = count.index }
}
resource "terraform_data" "b" {
  for_each = toset(["x"])
  input    = terraform_data.a
}
output "a" { value = terraform_data.a }
output "b" { value = terraform_data.b }
output "sum" { value = sum([for a in terraform_data.a : a.output.n]) }
