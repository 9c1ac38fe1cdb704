resource "terraform_data" "a" {
  for_each = toset(["one", "two"])
  input    = upper(each.key)
}
resource "terraform_data" "b" {
  for_each = terraform_data.a
  input    = each.value.id
}
resource "terraform_data" "c" {
  for_each = { for k, b in terraform_data.b : "${k}-c" => b }
  input    = each.value.input
}
