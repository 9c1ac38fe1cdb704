provider "aws" {
  region = "eu-west-1"
}

variables {
  name       = "levels-test-uploads"
  region     = "eu-west-1"
  account_id = "123456789012"
}

run "values" {
  command = plan

  variables {
    name            = "levels.example"
    region          = "europe"
    account_id      = "1"
    expire_days     = -1
    noncurrent_days = 0.5
    notifications   = { x = { target = "lambda", arn = "arn:x", events = ["ObjectCreated"] } }
    copiers         = ["123456789012"]
    cors_origins    = ["https://app.levels.example/"]
    cors_methods    = ["OPTIONS"]
    log_writers     = ["cdn"]
    kms_key_arn     = "mine"
  }

  expect_failures = [
    var.name,
    var.region,
    var.account_id,
    var.expire_days,
    var.noncurrent_days,
    var.notifications,
    var.copiers,
    var.cors_origins,
    var.cors_methods,
    var.log_writers,
    var.kms_key_arn,
  ]
}

run "copies_need_versions" {
  command = plan

  variables {
    versioned = false
    replicate = true
    replica   = { bucket_arn = "arn:aws:s3:::levels-test-backup" }
  }

  expect_failures = [
    aws_s3_bucket_replication_configuration.this[0],
  ]
}

run "copies_need_a_place" {
  command = plan

  variables {
    replicate = true
  }

  expect_failures = [
    aws_s3_bucket_replication_configuration.this[0],
  ]
}
