# A first configuration: no provider to install, no account needed.

variable "names" {
  description = "Who is greeted."
  type        = set(string)
  default     = ["Gaius", "Livia"]
}

resource "terraform_data" "greeting" {
  for_each = var.names
  input    = "Salve, ${each.key}!"
}

output "greetings" {
  value = [for g in terraform_data.greeting : g.output]
}
