terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "x"
  secret_key                  = "x"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

output "parsed" {
  value = provider::aws::arn_parse("arn:aws:iam::444455556666:role/a/example")
}
output "built" {
  value = provider::aws::arn_build("aws", "iam", "", "444455556666", "role/example")
}
output "trimmed" {
  value = [for n in ["a", "b"] : provider::aws::trim_iam_role_path("arn:aws:iam::444455556666:role/x/${n}")]
}
output "caught" {
  value = can(provider::aws::arn_parse("no arn"))
}
