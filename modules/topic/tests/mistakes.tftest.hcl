provider "aws" {
  region = "eu-west-1"
}

variables {
  name       = "levels-test-news"
  region     = "eu-west-1"
  account_id = "123456789012"
}

run "values" {
  command = plan

  variables {
    name       = "levels_news.fifo"
    region     = "eu"
    account_id = "123"
    subscriptions = {
      plain = { protocol = "http", endpoint = "http://levels.example/" }
      mail  = { protocol = "email", endpoint = "a@levels.example", raw = true }
    }
    publishers  = { any = { principal = "*", source_arn = "*" } }
    kms_key_arn = "alias/aws/sns"
  }

  expect_failures = [
    var.name,
    var.region,
    var.account_id,
    var.subscriptions,
    var.publishers,
    var.kms_key_arn,
  ]
}

run "fifo_to_mail" {
  command = plan

  variables {
    fifo          = true
    subscriptions = { team = { protocol = "email", endpoint = "team@levels.example" } }
  }

  expect_failures = [
    aws_sns_topic_subscription.this["team"],
  ]
}
