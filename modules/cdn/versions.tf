terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.80"
      # CloudFront takes certificates of us-east-1 only.
      configuration_aliases = [aws, aws.us_east_1]
    }
  }
}
