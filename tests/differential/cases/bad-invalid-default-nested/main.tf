variable "a" {
  type = object({
    port = number
  })
  default = {
    port = "eighty"
  }
}
