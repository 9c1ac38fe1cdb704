variable "v" { default = 1 }
variable "w" { default = 1 }
resource "terraform_data" "trigger" {
  count = 2
  input = count.index == 0 ? var.v : var.w
}
resource "terraform_data" "whole" {
  lifecycle {
    replace_triggered_by = [terraform_data.trigger]
  }
}
resource "terraform_data" "instance" {
  lifecycle {
    replace_triggered_by = [terraform_data.trigger[0]]
  }
}
resource "terraform_data" "attribute" {
  lifecycle {
    replace_triggered_by = [terraform_data.trigger[1].input]
  }
}
resource "terraform_data" "each" {
  count = 2
  lifecycle {
    replace_triggered_by = [terraform_data.trigger[count.index]]
  }
}
