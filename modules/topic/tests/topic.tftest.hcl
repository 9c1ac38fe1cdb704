provider "aws" {
  region = "eu-west-1"
}

variables {
  name   = "levels-test-news"
  region = "eu-west-1"
}

run "setup" {
  module {
    source = "./tests/setup"
  }
}

run "topic" {
  variables {
    account_id = run.setup.account_id
    subscriptions = {
      jobs = { protocol = "sqs", endpoint = "arn:aws:sqs:eu-west-1:123456789012:levels-test-jobs" }
      team = { protocol = "email", endpoint = "team@levels.example" }
    }
  }

  assert {
    condition     = output.arn == aws_sns_topic.this.arn
    error_message = "The ARN that is built from names must be the one that AWS gives."
  }

  assert {
    condition     = aws_sns_topic.this.kms_master_key_id == "alias/aws/sns"
    error_message = "A topic for roles only must be encrypted."
  }

  assert {
    condition     = aws_sns_topic_subscription.this["jobs"].raw_message_delivery && !aws_sns_topic_subscription.this["team"].raw_message_delivery
    error_message = "Queues must get messages as they were published."
  }

  assert {
    condition     = [for s in jsondecode(aws_sns_topic_policy.this.policy).Statement : s.Sid] == ["TlsOnly"]
    error_message = "Nobody but the account's own roles may publish."
  }
}

run "publishers" {
  command = plan

  variables {
    account_id = run.setup.account_id
    publishers = {
      uploads = {
        principal  = "s3.amazonaws.com"
        source_arn = "arn:aws:s3:::levels-test-uploads"
      }
    }
  }

  assert {
    condition     = aws_sns_topic.this.kms_master_key_id == null || aws_sns_topic.this.kms_master_key_id == ""
    error_message = "The key of SNS would keep the publisher out."
  }

  assert {
    condition     = jsondecode(aws_sns_topic_policy.this.policy).Statement[1].Principal == { Service = "s3.amazonaws.com" }
    error_message = "The publisher must be let in."
  }
}
