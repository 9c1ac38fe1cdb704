variable "e" {
  default   = "x"
  ephemeral = true
}
output "a" {
  value = var.e
}
