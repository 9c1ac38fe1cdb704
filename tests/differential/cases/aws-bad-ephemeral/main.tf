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

ephemeral "aws_secretsmanager_random_password" "p" {
  password_length = 20
}
ephemeral "aws_ssm_parameter" "missing" {
}
resource "aws_ssm_parameter" "a" {
  name  = "/a"
  type  = "String"
  value = ephemeral.aws_secretsmanager_random_password.p.random_password
}
data "aws_ssm_parameter" "a" {
  name = ephemeral.aws_secretsmanager_random_password.p.random_password
}
resource "terraform_data" "a" {
  count = length(ephemeral.aws_secretsmanager_random_password.p.random_password)
}
output "a" {
  value     = ephemeral.aws_secretsmanager_random_password.p.random_password
  sensitive = true
}
