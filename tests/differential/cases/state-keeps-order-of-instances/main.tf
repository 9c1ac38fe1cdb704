resource "terraform_data" "n" {
  count = 11
  input = count.index
}
resource "terraform_data" "s" {
  for_each = toset(["b", "a", "B", "10", "9", "é", "z z"])
  input    = each.key
}
