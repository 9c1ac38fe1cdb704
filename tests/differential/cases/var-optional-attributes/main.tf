variable "service" {
  type = object({
    name     = string
    port     = optional(number, 8080)
    protocol = optional(string)
    nested = optional(object({
      on    = optional(bool, true)
      depth = optional(number)
    }), {})
    list = optional(list(object({ a = optional(string, "d") })), [{}])
  })
  default = { name = "x" }
}
output "service" { value = var.service }
