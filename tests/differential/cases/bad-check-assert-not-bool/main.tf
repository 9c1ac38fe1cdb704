variable "x" {
  default = "x"
}
check "a" {
  assert {
    condition     = var.x
    error_message = "No."
  }
}
