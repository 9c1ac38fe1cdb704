# Copies of each new object in another bucket, by S3 itself.

locals {
  # A role's name has 64 characters at most, a bucket's 63.
  role_name = length(var.name) <= 52 ? "${var.name}-replication" : "${substr(var.name, 0, 43)}-${substr(sha1(var.name), 0, 8)}-replication"
  role_arn  = "arn:${var.partition}:iam::${var.account_id}:role/${local.role_name}"

  # An object in any case, so that the resources below need not ask.
  replica = var.replica == null ? { bucket_arn = "", account_id = null, prefix = "", storage_class = null, kms_key_arn = null } : var.replica
  foreign = local.replica.account_id != null && local.replica.account_id != var.account_id
}

resource "aws_iam_role" "replication" {
  count = var.replicate ? 1 : 0

  name        = local.role_name
  description = "S3 copies objects of ${var.name}"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "replication" {
  count = var.replicate ? 1 : 0

  name = "replication"
  role = aws_iam_role.replication[0].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid      = "ReadConfiguration"
          Effect   = "Allow"
          Action   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
          Resource = local.arn
        },
        {
          Sid      = "ReadObjects"
          Effect   = "Allow"
          Action   = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
          Resource = "${local.arn}/*"
        },
        {
          Sid      = "WriteCopies"
          Effect   = "Allow"
          Action   = concat(["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"], local.foreign ? ["s3:ObjectOwnerOverrideToBucketOwner"] : [])
          Resource = "${local.replica.bucket_arn}/*"
        },
      ],
      [for key in var.kms_key_arn == null ? [] : [var.kms_key_arn] : {
        Sid      = "Decrypt"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = key
      }],
      [for key in local.replica.kms_key_arn == null ? [] : [local.replica.kms_key_arn] : {
        Sid      = "EncryptCopies"
        Effect   = "Allow"
        Action   = ["kms:Encrypt", "kms:GenerateDataKey"]
        Resource = key
      }],
    )
  })
}

resource "aws_s3_bucket_replication_configuration" "this" {
  count = var.replicate ? 1 : 0

  bucket = aws_s3_bucket.this.id
  role   = aws_iam_role.replication[0].arn

  rule {
    id       = "copy"
    priority = 1
    status   = "Enabled"

    filter {
      prefix = local.replica.prefix
    }

    # A copy that is deleted along is no backup.
    delete_marker_replication {
      status = "Disabled"
    }

    destination {
      bucket        = local.replica.bucket_arn
      storage_class = local.replica.storage_class
      account       = local.foreign ? local.replica.account_id : null

      dynamic "access_control_translation" {
        for_each = local.foreign ? [true] : []

        content {
          owner = "Destination"
        }
      }

      dynamic "encryption_configuration" {
        for_each = local.replica.kms_key_arn == null ? [] : [local.replica.kms_key_arn]

        content {
          replica_kms_key_id = encryption_configuration.value
        }
      }
    }

    # Objects under a key of one's own are left out unless this asks for them.
    dynamic "source_selection_criteria" {
      for_each = var.kms_key_arn == null ? [] : [true]

      content {
        sse_kms_encrypted_objects {
          status = "Enabled"
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = var.versioned
      error_message = "S3 copies versions, so a bucket with replicate = true needs versioned = true; noncurrent_days limits what the versions cost."
    }

    precondition {
      condition     = var.replica != null
      error_message = "replicate = true needs replica: say where the copies go, replica = { bucket_arn = \"arn:aws:s3:::...\" }."
    }

    precondition {
      condition     = (var.kms_key_arn == null) == (local.replica.kms_key_arn == null)
      error_message = "S3 copies objects under a key of one's own only with a key for the copies: set both kms_key_arn and replica.kms_key_arn, or neither."
    }
  }

  depends_on = [aws_s3_bucket_versioning.this, aws_iam_role_policy.replication]
}
