variable "v" {
  default = 1
  validation {
    condition     = var.v > 0
    error_message = "It is not positive."
  }
}

module "deeper" {
  source = "./deeper"
}

resource "terraform_data" "x" {
  input = var.v
  lifecycle {
    precondition {
      condition     = var.v < 10
      error_message = "It is too large."
    }
  }
}

output "v" {
  value = var.v
  precondition {
    condition     = var.v < 10
    error_message = "It is too large."
  }
}

check "v" {
  assert {
    condition     = var.v < 10
    error_message = "It is too large."
  }
}
