provider "aws" {
  region = "eu-west-1"
}

variables {
  name = "groma-test"
}

run "up" {
  variables {
    region     = "eu-west-1"
    account_id = "123456789012"
    readers    = ["210987654321"]
  }

  assert {
    condition     = output.repository_arn == aws_ecr_repository.this.arn && output.repository_url == aws_ecr_repository.this.repository_url
    error_message = "Built outputs must be what there is."
  }
  assert {
    condition     = aws_ecr_repository.this.image_scanning_configuration[0].scan_on_push && aws_ecr_repository.this.force_delete
    error_message = "Images are scanned; what is not protected can be deleted."
  }
  assert {
    condition     = jsondecode(aws_ecr_repository_policy.this[0].policy).Statement[0].Principal.AWS[0] == "arn:aws:iam::210987654321:root"
    error_message = "Readers may pull."
  }
  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.this.policy).rules[1].selection.countNumber == 30
    error_message = "The newest thirty stay."
  }
}

run "protected" {
  command = plan

  variables {
    protect   = true
    immutable = true
  }

  assert {
    condition     = !aws_ecr_repository.this.force_delete && aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE" && length(aws_ecr_repository_policy.this) == 0
    error_message = "What is protected cannot be deleted with its images."
  }
}

run "pushed_from_another_account" {
  command = plan

  variables {
    writers = ["arn:aws:iam::210987654321:role/shop-branch-*-deploy"]
  }

  assert {
    condition     = jsondecode(aws_ecr_repository_policy.this[0].policy).Statement[0].Condition.ArnLike["aws:PrincipalArn"] == ["arn:aws:iam::210987654321:role/shop-branch-*-deploy"] && jsondecode(aws_ecr_repository_policy.this[0].policy).Statement[0].Principal.AWS == ["arn:aws:iam::210987654321:root"]
    error_message = "Only the role may push, not its account."
  }
  assert {
    condition     = length(jsondecode(aws_ecr_repository_policy.this[0].policy).Statement) == 1
    error_message = "Without readers nobody else may pull."
  }
}

run "values" {
  command = plan

  variables {
    name    = "Groma"
    keep    = 0
    readers = ["42"]
    writers = ["arn:aws:iam::*:role/deploy"]
  }

  expect_failures = [var.name, var.keep, var.readers, var.writers]
}
