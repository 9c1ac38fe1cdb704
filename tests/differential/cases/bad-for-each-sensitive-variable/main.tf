variable "m" {
  sensitive = true
  default = { a = 1 }
}
resource "terraform_data" "r" {
  for_each = var.m
}
