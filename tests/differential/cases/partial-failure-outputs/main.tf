variable "v" {
  type = number
}

resource "terraform_data" "bad" {
  input            = "b${var.v}"
  triggers_replace = var.v
  provisioner "local-exec" {
    command = "exit ${var.v - 1}"
  }
}

resource "terraform_data" "after" {
  input            = "known${var.v}"
  triggers_replace = [terraform_data.bad.id]
}

output "known" {
  value = terraform_data.after.input
}

output "hidden" {
  value     = terraform_data.bad.input
  sensitive = true
}

output "unknown" {
  value = terraform_data.after.output
}

output "in_part" {
  value = [terraform_data.bad.input, terraform_data.bad.output]
}

output "null" {
  value = var.v == 1 ? terraform_data.bad.input : null
}

output "new" {
  value = var.v == 2 ? terraform_data.bad.input : null
}

output "refused" {
  value = "refused${var.v}"
  precondition {
    condition     = terraform_data.after.output != "known2"
    error_message = "It is refused."
  }
}

check "not_reached" {
  assert {
    condition     = terraform_data.bad.output != "x"
    error_message = "It is x."
  }
}
