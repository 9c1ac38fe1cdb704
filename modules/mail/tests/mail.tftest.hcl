provider "aws" {
  region = "eu-west-1"
}

variables {
  name   = "levels-test"
  domain = "levels.example"
  region = "eu-west-1"
}

run "setup" {
  module {
    source = "./tests/setup"
  }
}

# Planned, not applied: API servers for tests do not have all of SES.
run "mail" {
  command = plan

  variables {
    account_id    = run.setup.account_id
    dmarc_reports = ["dmarc@levels.example"]
  }

  assert {
    condition     = output.identity_arn == "arn:aws:ses:eu-west-1:${run.setup.account_id}:identity/levels.example"
    error_message = "The ARN must be known while planning."
  }

  assert {
    condition     = output.topic_arn == "arn:aws:sns:eu-west-1:${run.setup.account_id}:levels-test-mail-events"
    error_message = "So must the topic's."
  }

  assert {
    condition     = one(aws_sesv2_configuration_set.this.delivery_options).tls_policy == "REQUIRE"
    error_message = "Mail must leave with TLS only."
  }

  assert {
    condition     = aws_route53_record.dmarc[0].records == toset(["v=DMARC1; p=quarantine; rua=mailto:dmarc@levels.example"])
    error_message = "DMARC must say what to do and whom to tell."
  }

  assert {
    condition     = length(aws_route53_record.dkim) == 3 && length(output.records) == 6
    error_message = "There must be three records for DKIM and three others."
  }

  assert {
    condition     = length(aws_route53_zone.this) == 1
    error_message = "A zone must have been made."
  }
}

run "dns_elsewhere" {
  command = plan

  variables {
    account_id = run.setup.account_id
    dns        = false
  }

  assert {
    condition     = length(aws_route53_zone.this) == 0 && length(aws_route53_record.dkim) == 0 && length(aws_route53_record.dmarc) == 0
    error_message = "Nothing may be made in Route 53."
  }
}
