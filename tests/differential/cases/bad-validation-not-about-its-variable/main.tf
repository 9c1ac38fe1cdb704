variable "a" {
  default = 1
  validation {
    condition     = 1 > 0
    error_message = "No."
  }
}
