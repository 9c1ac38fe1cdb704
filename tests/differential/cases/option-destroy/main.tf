resource "terraform_data" "a" { input = "a" }
resource "terraform_data" "b" { input = terraform_data.a.id }
resource "terraform_data" "c" {
  for_each   = toset(["x", "y"])
  input      = each.key
  depends_on = [terraform_data.b]
}
output "a" { value = terraform_data.a.id }
