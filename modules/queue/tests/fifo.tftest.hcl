provider "aws" {
  region = "eu-west-1"
}

variables {
  name   = "levels-test-orders"
  region = "eu-west-1"
  fifo   = true
}

run "setup" {
  module {
    source = "./tests/setup"
  }
}

run "fifo" {
  variables {
    account_id = run.setup.account_id
  }

  assert {
    condition     = output.queue_name == "levels-test-orders.fifo" && output.dead_letter_queue_name == "levels-test-orders-dead.fifo"
    error_message = "Both names must end with .fifo."
  }

  assert {
    condition     = aws_sqs_queue.this.deduplication_scope == "messageGroup" && aws_sqs_queue.this.fifo_throughput_limit == "perMessageGroupId"
    error_message = "Throughput must be by message group."
  }

  assert {
    condition     = output.arn == aws_sqs_queue.this.arn
    error_message = "The ARN that is built from names must be the one that AWS gives."
  }
}
