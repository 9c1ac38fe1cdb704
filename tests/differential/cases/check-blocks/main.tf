variable "x" { default = 1 }
resource "terraform_data" "a" { input = var.x }
check "passes" {
  assert {
    condition     = var.x > 0
    error_message = "x must be positive, not ${var.x}."
  }
  assert {
    condition     = terraform_data.a.output > 0
    error_message = "output must be positive."
  }
}
check "unknown" {
  assert {
    condition     = length(terraform_data.a.id) > 3
    error_message = "id is short."
  }
}
