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

run "mail" {
  variables {
    account_id    = run.setup.account_id
    dmarc_reports = ["dmarc@levels.example"]
  }

  assert {
    condition     = output.identity_arn == aws_sesv2_email_identity.this.arn
    error_message = "The ARN that is built from names must be the one that AWS gives."
  }

  assert {
    condition     = output.topic_arn == aws_sns_topic.events.arn
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
    condition     = length(output.name_servers) > 0
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
