# What a caller of the module has at hand.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.80"
    }
  }
}

data "aws_caller_identity" "this" {}

output "account_id" {
  description = "Account that the tests run in."
  value       = data.aws_caller_identity.this.account_id
}
