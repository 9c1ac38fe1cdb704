variable "services" {
  type = map(object({
    port = optional(number, 1)
    tags = optional(map(string), { a = "b" })
  }))
  default = {
    one = {}
    two = { port = 2 }
    six = { tags = null }
  }
}
resource "terraform_data" "s" {
  for_each = var.services
  input    = each.value.port
}
output "services" { value = var.services }
