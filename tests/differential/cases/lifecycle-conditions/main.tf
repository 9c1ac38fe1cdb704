variable "x" { default = 1 }
variable "y" { default = 1 }
resource "terraform_data" "a" {
  count = 2
  input = var.y
  lifecycle {
    precondition {
      condition     = var.x > count.index - 1
      error_message = "x is ${var.x}."
    }
    postcondition {
      condition     = self.output == 1
      error_message = "output is ${self.output}."
    }
  }
}
resource "terraform_data" "after" {
  input = terraform_data.a[0].id
}
