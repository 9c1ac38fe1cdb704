variable "input" {
  default = "old"
}

resource "terraform_data" "one" {
  input = var.input

  lifecycle {
    ignore_changes = [input]
  }
}

resource "terraform_data" "all" {
  input = var.input

  lifecycle {
    ignore_changes = all
  }
}
