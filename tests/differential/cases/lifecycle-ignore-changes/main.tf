variable "v" { default = "1" }
resource "terraform_data" "all" {
  input            = var.v
  triggers_replace = var.v
  lifecycle {
    ignore_changes = all
  }
}
resource "terraform_data" "one" {
  input            = var.v
  triggers_replace = var.v
  lifecycle {
    ignore_changes = [triggers_replace]
  }
}
resource "terraform_data" "deep" {
  input = { a = var.v, b = var.v }
  lifecycle {
    ignore_changes = [input]
  }
}
