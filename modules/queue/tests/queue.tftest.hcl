provider "aws" {
  region = "eu-west-1"
}

variables {
  name   = "levels-test-jobs"
  region = "eu-west-1"
}

run "setup" {
  module {
    source = "./tests/setup"
  }
}

run "standard" {
  variables {
    account_id = run.setup.account_id
    publishers = {
      new-uploads = {
        principal  = "s3.amazonaws.com"
        source_arn = "arn:aws:s3:::levels-test-uploads"
      }
    }
  }

  assert {
    condition     = output.arn == aws_sqs_queue.this.arn && output.dead_letter_arn == aws_sqs_queue.dead.arn
    error_message = "The ARNs that are built from names must be those that AWS gives."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.this.redrive_policy) == { deadLetterTargetArn = output.dead_letter_arn, maxReceiveCount = 5 }
    error_message = "After five attempts a message must go to the dead-letter queue."
  }

  assert {
    condition     = aws_sqs_queue.this.message_retention_seconds == 345600 && aws_sqs_queue.dead.message_retention_seconds == 1209600
    error_message = "Messages must stay for 4 days, dead ones for 14."
  }

  assert {
    condition     = aws_sqs_queue.this.sqs_managed_sse_enabled && aws_sqs_queue.dead.sqs_managed_sse_enabled
    error_message = "Both queues must be encrypted."
  }

  assert {
    condition     = [for s in jsondecode(aws_sqs_queue_policy.this.policy).Statement : s.Sid] == ["TlsOnly", "PublisherNewUploads"]
    error_message = "The policy must refuse plain HTTP and let the publisher in, and nothing else."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue_policy.this.policy).Statement[1].Condition == { ArnLike = { "aws:SourceArn" = "arn:aws:s3:::levels-test-uploads" }, StringEquals = { "aws:SourceAccount" = run.setup.account_id } }
    error_message = "The publisher must be held to its source and this account."
  }
}

run "same_queue_again" {
  command = plan

  variables {
    account_id = run.setup.account_id
    publishers = {
      new-uploads = {
        principal  = "s3.amazonaws.com"
        source_arn = "arn:aws:s3:::levels-test-uploads"
      }
    }
  }

  assert {
    condition     = output.url == run.standard.url
    error_message = "The queue must still be the same."
  }
}
