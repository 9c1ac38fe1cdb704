resource "terraform_data" "a" {
  for_each = { b = 1, a = "two", "c d" = true }
  input    = { key = each.key, value = each.value }
}
output "values" { value = { for k, v in terraform_data.a : k => v.output.value } }
output "keys" { value = keys(terraform_data.a) }
output "one" { value = terraform_data.a["c d"].output.key }
