variable "e" {
  ephemeral = true
  default = "x"
}
variable "d" {
  default = "x"
  validation {
    condition = var.d != var.e
    error_message = "both ${var.e}"
  }
}
