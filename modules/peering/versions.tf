terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.80"
      # The same provider twice when both networks are in one account and region.
      configuration_aliases = [aws.requester, aws.accepter]
    }
  }
}
