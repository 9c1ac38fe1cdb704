locals {
  # Known while planning where region and account are given.
  built  = var.region != null && var.account_id != null
  domain = var.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"
}

resource "aws_ecr_repository" "this" {
  name                 = var.name
  force_delete         = !var.protect
  image_tag_mutability = var.immutable ? "IMMUTABLE" : "MUTABLE"
  tags                 = var.tags

  encryption_configuration {
    encryption_type = "AES256"
  }

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  repository = aws_ecr_repository.this.name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Images without a tag go after a day"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 1
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "The newest stay"
        selection = {
          tagStatus   = "any"
          countType   = "imageCountMoreThan"
          countNumber = var.keep
        }
        action = { type = "expire" }
      },
    ]
  })
}

resource "aws_ecr_repository_policy" "this" {
  count = length(var.readers) + length(var.writers) > 0 ? 1 : 0

  repository = aws_ecr_repository.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        for s in [{
          Sid       = "Pull"
          Effect    = "Allow"
          Principal = { AWS = [for a in sort(var.readers) : "arn:${var.partition}:iam::${a}:root"] }
          Action    = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        }] : s if length(var.readers) > 0
      ],
      [
        # The account is trusted, and the roles are told by a condition: a role that is not
        # there yet cannot be named as one who is trusted.
        for s in [{
          Sid       = "Push"
          Effect    = "Allow"
          Principal = { AWS = sort(distinct([for w in var.writers : "arn:${var.partition}:iam::${split(":", w)[4]}:root"])) }
          Action    = ["ecr:CompleteLayerUpload", "ecr:DescribeImages", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]
          Condition = { ArnLike = { "aws:PrincipalArn" = sort(var.writers) } }
        }] : s if length(var.writers) > 0
      ],
    )
  })
}
