variable "path" {
  type = string
}

resource "terraform_data" "inner" {
  input = "same"
}

data "terraform_remote_state" "given" {
  backend = "local"
  config  = { path = var.path }
}

data "terraform_remote_state" "own" {
  backend = "local"
  config  = { path = "./${terraform_data.inner.input == "same" ? "read" : ""}.tfstate" }
}

output "path" {
  value = var.path
}
