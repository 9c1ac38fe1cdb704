variable "a" {
  type = object({
    x = optional(number, "y")
  })
}
