resource "terraform_data" "a" {
  lifecycle {
    prevent_destruction = true
  }
}
