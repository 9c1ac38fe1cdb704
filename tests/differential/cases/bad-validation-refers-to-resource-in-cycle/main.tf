variable "a" {
  default = 1
  validation {
    condition     = var.a == terraform_data.b.input
    error_message = "No."
  }
}
resource "terraform_data" "b" {
  input = var.a
}
