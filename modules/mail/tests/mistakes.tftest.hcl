provider "aws" {
  region = "eu-west-1"
}

variables {
  name       = "levels-test"
  domain     = "levels.example"
  region     = "eu-west-1"
  account_id = "123456789012"
}

run "values" {
  command = plan

  variables {
    name          = "Levels"
    domain        = "hello@levels.example"
    region        = "x"
    account_id    = "x"
    zone          = "Z0123456789"
    mail_from     = "bounce.levels.example"
    dmarc         = "off"
    dmarc_reports = ["mailto:x"]
    emails        = ["ops"]
    kms_key_arn   = "x"
  }

  expect_failures = [
    var.name,
    var.domain,
    var.region,
    var.account_id,
    var.zone,
    var.mail_from,
    var.dmarc,
    var.dmarc_reports,
    var.emails,
    var.kms_key_arn,
  ]
}
