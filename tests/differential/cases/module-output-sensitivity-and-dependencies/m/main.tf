variable "x" {
  type        = string
  description = "a text"
}
resource "terraform_data" "slow" { input = var.x }
output "x" {
  description = "the text"
  value       = "${var.x}!"
  depends_on  = [terraform_data.slow]
}
