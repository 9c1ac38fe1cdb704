terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "west"
  region = "us-west-2"
}
variable "names" {
  default = ["a", "b"]
}
ephemeral "aws_secretsmanager_random_password" "counted" {
  count           = length(var.names)
  password_length = 20
}
ephemeral "aws_secretsmanager_random_password" "each" {
  provider        = aws.west
  for_each        = toset(var.names)
  password_length = 20 + length(each.key)
  depends_on      = [ephemeral.aws_secretsmanager_random_password.counted]
  lifecycle {
    precondition {
      condition     = each.key != ""
      error_message = "no name"
    }
    postcondition {
      condition     = length(self.random_password) > 20
      error_message = "too short"
    }
  }
}
