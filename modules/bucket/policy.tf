# The right of roles in this account is in their own policies; here is what a
# bucket has to say itself.

locals {
  statements = concat(
    [
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "s3:*"
        Resource  = [local.arn, "${local.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "Tls12AtLeast"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "s3:*"
        Resource  = [local.arn, "${local.arn}/*"]
        Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
      },
    ],
    [for arn in var.cdn ? [var.cdn_arn] : [] : {
      Sid       = "CdnReads"
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = "s3:GetObject"
      Resource  = "${local.arn}/*"
      Condition = { StringEquals = { "aws:SourceArn" = arn } }
    }],
    [for writer in contains(var.log_writers, "s3") ? ["s3"] : [] : {
      Sid       = "BucketLogs"
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${local.arn}/*"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }],
    [for writer in contains(var.log_writers, "load-balancer") ? ["load-balancer"] : [] : {
      Sid       = "LoadBalancerLogs"
      Effect    = "Allow"
      Principal = { Service = "logdelivery.elasticloadbalancing.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${local.arn}/*/AWSLogs/${var.account_id}/*"
      Condition = { ArnLike = { "aws:SourceArn" = "arn:${var.partition}:elasticloadbalancing:${var.region}:${var.account_id}:loadbalancer/*" } }
    }],
    [for arns in length(var.copiers) > 0 ? [var.copiers] : [] : {
      Sid       = "CopiesFromOtherAccounts"
      Effect    = "Allow"
      Principal = { AWS = arns }
      Action    = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags", "s3:ObjectOwnerOverrideToBucketOwner"]
      Resource  = "${local.arn}/*"
    }],
    [for arns in length(var.copiers) > 0 ? [var.copiers] : [] : {
      Sid       = "CopiersLook"
      Effect    = "Allow"
      Principal = { AWS = arns }
      Action    = ["s3:GetBucketVersioning", "s3:ListBucket"]
      Resource  = local.arn
    }],
  )
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.statements
  })

  # S3 refuses concurrent changes of the two.
  depends_on = [aws_s3_bucket_public_access_block.this]
}
