resource "terraform_data" "a" {
  count = 1
}
resource "terraform_data" "b" {
  lifecycle {
    replace_triggered_by = [terraform_data.a[5]]
  }
}
