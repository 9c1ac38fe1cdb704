resource "terraform_data" "a" { input = "a" }
resource "terraform_data" "b" {
  input      = "b"
  depends_on = [terraform_data.a]
}
resource "terraform_data" "c" {
  count      = 2
  input      = "c"
  depends_on = [terraform_data.b, terraform_data.a]
}
