variable "a" {
  type = nope
}
output "b" {
  value = local.missing
}
resource "terraform_data" "c" {
  input = var.missing
  nope  = 1
}
output "d" {
  value = upper(
    "a",
    terraform_data.c.nope,
  )
}
