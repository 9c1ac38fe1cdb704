variable "y" { default = 1 }
resource "terraform_data" "a" {
  input = var.y
  lifecycle {
    postcondition {
      condition     = self.input == 1
      error_message = "input is ${self.input}."
    }
  }
}
