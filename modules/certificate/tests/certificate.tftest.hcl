provider "aws" {
  region = "eu-west-1"
}

variables {
  name = "groma-test"
}

run "setup" {
  module {
    source = "./tests/setup"
  }
}

# API servers for tests issue a certificate a minute after it is asked for.
run "two_zones" {
  command = apply

  variables {
    hosts = ["levels.example", "*.levels.example", "www.other.example"]
    zone_ids = {
      "levels.example"    = run.setup.zone_ids.levels
      "www.other.example" = run.setup.zone_ids.other
    }
  }

  assert {
    condition     = startswith(output.arn, "arn:aws:acm:eu-west-1:")
    error_message = "An ARN of this region."
  }
  assert {
    condition     = aws_route53_record.proof["levels.example"].zone_id == run.setup.zone_ids.levels && aws_route53_record.proof["www.other.example"].zone_id == run.setup.zone_ids.other
    error_message = "Each host is proved in its zone."
  }
  assert {
    condition     = length(aws_route53_record.proof) == 2
    error_message = "A wildcard needs no record of its own."
  }
}

run "zone_by_name" {
  command = plan

  variables {
    hosts = ["app.levels.example"]
    zone  = "levels.example"
  }

  assert {
    condition     = aws_route53_record.proof["app.levels.example"].zone_id == run.setup.zone_ids.levels
    error_message = "The zone is found by its name."
  }
}

run "outside_of_the_zone" {
  command = plan

  variables {
    hosts = ["app.other.example"]
    zone  = "levels.example"
  }

  expect_failures = [aws_acm_certificate.this]
}

run "no_zone" {
  command = plan

  variables {
    hosts = ["app.other.example"]
  }

  expect_failures = [aws_acm_certificate.this]
}

run "wrong_hosts" {
  command = plan

  variables {
    hosts = ["App.levels.example"]
  }

  expect_failures = [var.hosts]
}
