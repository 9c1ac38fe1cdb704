provider "aws" {
  region = "eu-west-1"
}

variables {
  name = "groma-test"
}

run "up" {
  variables {
    emails = ["somebody@example.com"]

    services = {
      web = { autoscaling_group_name = "groma-test-web", attached = true, target_group_arn_suffix = "targetgroup/groma-test-web/0123456789abcdef", load_balancer_arn_suffix = "app/groma-test/0123456789abcdef" }
      api = { cluster_name = "groma-test", service_name = "groma-test-api" }
    }

    databases = {
      main  = { identifier = "groma-test-main", kind = "cluster" }
      other = { identifier = "groma-test-other", kind = "instance" }
    }

    queues    = { jobs = { queue_name = "groma-test-jobs", dead_letter_queue_name = "groma-test-jobs-dead-letters" } }
    functions = { thumbnail = { function_name = "groma-test-thumbnail" } }
    caches    = { sessions = { node_ids = ["groma-test-sessions-001"] } }
    streams   = { events = { cluster_name = "groma-test-events", brokers = 2 } }
  }

  assert {
    condition     = output.topic_arn == aws_sns_topic.this[0].arn && length(aws_sns_topic_subscription.emails) == 1
    error_message = "There is a topic, and the mail address is told."
  }
  assert {
    condition     = alltrue([for a in aws_cloudwatch_metric_alarm.this : contains(a.alarm_actions, output.topic_arn) && a.treat_missing_data == "notBreaching"])
    error_message = "All alarms tell the topic and keep still without data."
  }
  assert {
    condition     = contains(output.alarm_names, "groma-test-queue-jobs-dead-letters") && contains(output.alarm_names, "groma-test-service-web-errors") && contains(output.alarm_names, "groma-test-stream-events-2-disk")
    error_message = "Dead letters, errors and disks are watched."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["database-main-cpu"].dimensions == tomap({ DBClusterIdentifier = "groma-test-main" }) && aws_cloudwatch_metric_alarm.this["database-other-storage"].comparison_operator == "LessThanThreshold"
    error_message = "Clusters and instances have dimensions of their own; storage must not fall below."
  }
  assert {
    condition     = !contains(output.alarm_names, "groma-test-service-api-unhealthy")
    error_message = "What has no load balancer has no unhealthy targets."
  }
}

run "topic_of_others" {
  command = plan

  variables {
    topic_arn = "arn:aws:sns:eu-west-1:123456789012:on-call"
    queues    = { jobs = { queue_name = "groma-test-jobs" } }
  }

  assert {
    condition     = length(aws_sns_topic.this) == 0 && join(",", output.alarm_names) == "groma-test-queue-jobs-age"
    error_message = "The topic is the given one."
  }
}

run "values" {
  command = plan

  variables {
    emails    = ["somebody"]
    services  = { web = { cluster_name = "groma-test" } }
    databases = { main = { identifier = "main", kind = "aurora" } }
  }

  expect_failures = [var.emails, var.services, var.databases]
}
