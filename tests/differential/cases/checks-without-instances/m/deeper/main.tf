variable "v" {
  default = 1
  validation {
    condition     = var.v > 0
    error_message = "It is not positive."
  }
}
