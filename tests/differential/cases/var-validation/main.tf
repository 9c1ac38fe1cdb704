variable "n" {
  type = number
  validation {
    condition     = var.n > 1
    error_message = "n must be more than 1, not ${var.n}."
  }
  validation {
    condition     = var.n < 10
    error_message = "n must be less than 10."
  }
}
output "n" { value = var.n }
