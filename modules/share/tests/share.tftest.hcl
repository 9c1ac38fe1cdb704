provider "aws" {
  region = "eu-west-1"
}

variables {
  name = "groma-test"
}

# Planned only: API servers for tests do not associate anything with a share.
run "subnets_with_a_unit" {
  command = plan

  variables {
    resource_arns = {
      a = "arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-0123456789abcdef0"
      b = "arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-0123456789abcdef1"
    }
    principals = {
      team  = "arn:aws:organizations::123456789012:ou/o-abcdefghij/ou-ab12-abcdefgh"
      other = "210987654321"
    }
  }

  assert {
    condition     = !aws_ram_resource_share.this.allow_external_principals
    error_message = "Nobody outside of the organization."
  }
  assert {
    condition     = length(aws_ram_resource_association.this) == 2 && aws_ram_principal_association.this["other"].principal == "210987654321"
    error_message = "Each resource and each principal is associated."
  }
}

run "wrong_values" {
  command = plan

  variables {
    name          = "Groma"
    resource_arns = {}
    principals    = { team = "engineers" }
  }

  expect_failures = [var.name, var.resource_arns, var.principals]
}
