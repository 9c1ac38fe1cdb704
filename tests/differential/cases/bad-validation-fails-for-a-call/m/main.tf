variable "size" {
  type = number
  validation {
    condition     = var.size < 2
    error_message = "It is too large: ${var.size}."
  }
}

output "size" {
  value = format("%d", var.size)
}
