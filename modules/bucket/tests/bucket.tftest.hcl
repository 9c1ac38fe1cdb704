provider "aws" {
  region = "eu-west-1"
}

variables {
  name   = "levels-test-uploads-groma"
  region = "eu-west-1"
}

run "setup" {
  module {
    source = "./tests/setup"
  }
}

run "safe_by_default" {
  variables {
    account_id = run.setup.account_id
  }

  assert {
    condition     = output.arn == aws_s3_bucket.this.arn && output.id == aws_s3_bucket.this.id
    error_message = "What is built from names must be what AWS gives."
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.this.block_public_acls && aws_s3_bucket_public_access_block.this.block_public_policy && aws_s3_bucket_public_access_block.this.ignore_public_acls && aws_s3_bucket_public_access_block.this.restrict_public_buckets
    error_message = "The bucket must not be public in any way."
  }

  assert {
    condition     = one(aws_s3_bucket_versioning.this.versioning_configuration).status == "Enabled"
    error_message = "Versions must be kept."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "Objects must be encrypted."
  }

  assert {
    condition     = [for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : "${s.Effect} ${s.Sid}"] == ["Deny TlsOnly", "Deny Tls12AtLeast"]
    error_message = "The policy must allow nobody anything."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this.rule[*].id == tolist(["unfinished-uploads", "old-versions", "delete-markers"])
    error_message = "Old versions and unfinished uploads must go away."
  }

  assert {
    condition     = length(aws_s3_bucket_replication_configuration.this) == 0 && length(aws_iam_role.replication) == 0
    error_message = "Without replicate there must be no role."
  }
}

run "everything" {
  command = plan

  variables {
    account_id    = run.setup.account_id
    protect       = true
    expire_days   = 365
    cors_origins  = ["https://app.levels.example"]
    log_writers   = ["s3", "load-balancer"]
    cdn           = true
    cdn_arn       = "arn:aws:cloudfront::123456789012:distribution/E1"
    replicate     = true
    replica       = { bucket_arn = "arn:aws:s3:::levels-test-backup-groma" }
    notifications = { jobs = { target = "queue", arn = "arn:aws:sqs:eu-west-1:123456789012:levels-test-jobs", events = ["s3:ObjectCreated:*"], suffix = ".png" } }
  }

  assert {
    condition     = !aws_s3_bucket.this.force_destroy
    error_message = "With protect a bucket with objects must not be destroyed."
  }

  assert {
    condition     = [for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.Sid if s.Effect == "Allow"] == ["CdnReads", "BucketLogs", "LoadBalancerLogs"]
    error_message = "Each reader and writer must have its statement."
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.replication[0].policy).Statement[2].Resource == "arn:aws:s3:::levels-test-backup-groma/*"
    error_message = "The role that copies must write to the backup only."
  }

  assert {
    condition     = output.replication_role_arn == "arn:aws:iam::${run.setup.account_id}:role/levels-test-uploads-groma-replication"
    error_message = "The role's ARN must be known while planning."
  }

  assert {
    condition     = one(aws_s3_bucket_notification.this[0].queue).filter_suffix == ".png"
    error_message = "The queue must be told of pictures."
  }
}
