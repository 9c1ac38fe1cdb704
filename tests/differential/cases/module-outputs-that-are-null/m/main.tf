resource "terraform_data" "none" {
  count = 0
  input = "q"
}
resource "terraform_data" "empty" {
  count = 0
}
resource "terraform_data" "x" {
  input = "k"
}
output "absent" {
  value = try(terraform_data.none[0].id, null)
}
output "empty" {
  value = terraform_data.empty[*].id
}
output "known" {
  value = terraform_data.x.input
}
output "unknown" {
  value = terraform_data.x.id
}
