variable "s" {
  default   = "x"
  sensitive = true
  validation {
    condition     = var.s == "y"
    error_message = "It is ${var.s}."
  }
}
