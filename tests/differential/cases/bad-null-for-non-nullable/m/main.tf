variable "x" {
  type     = number
  nullable = false
}
