variable "x" { type = number }
output "x" {
  value = var.x
  precondition {
    condition     = var.x > 0
    error_message = "x must be positive."
  }
}
