terraform {
  required_providers {
    terraform = {
      source                = "terraform.io/builtin/terraform"
      configuration_aliases = [terraform.more]
    }
  }
}
resource "terraform_data" "a" { input = "default" }
resource "terraform_data" "b" {
  provider = terraform.more
  input    = "more"
}
output "x" { value = "${terraform_data.a.output} ${terraform_data.b.output}" }
