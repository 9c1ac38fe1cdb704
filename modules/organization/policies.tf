# Policies that hold in every account below their targets.

locals {
  # What has no region, or one region for all: denied there, accounts would break.
  global_actions = [
    "account:*", "aws-portal:*", "billing:*", "budgets:*", "ce:*", "cloudfront:*", "consolidatedbilling:*", "cur:*",
    "freetier:*", "globalaccelerator:*", "health:*", "iam:*", "invoicing:*", "networkmanager:*", "organizations:*",
    "payments:*", "pricing:*", "route53:*", "route53domains:*", "s3:GetAccountPublic*", "s3:ListAllMyBuckets",
    "s3:PutAccountPublic*", "shield:*", "sso:*", "sts:*", "support:*", "tax:*", "trustedadvisor:*", "waf:*", "wafv2:*",
    "acm:*",
  ]

  exempt = length(var.exempt_role_names) == 0 ? {} : {
    ArnNotLike = { "aws:PrincipalArn" = [for r in var.exempt_role_names : "arn:aws:iam::*:role/${r}"] }
  }

  guardrail_statements = concat(
    [for g in var.guardrails : {
      Sid      = "Leave"
      Effect   = "Deny"
      Action   = ["organizations:LeaveOrganization"]
      Resource = "*"
    } if g == "leave"],
    [for g in var.guardrails : {
      Sid       = "RootUser"
      Effect    = "Deny"
      Action    = ["*"]
      Resource  = "*"
      Condition = { ArnLike = { "aws:PrincipalArn" = ["arn:aws:iam::*:root"] } }
    } if g == "root-user"],
    [for g in var.guardrails : {
      Sid       = "Regions"
      Effect    = "Deny"
      NotAction = local.global_actions
      Resource  = "*"
      Condition = merge({ StringNotEquals = { "aws:RequestedRegion" = var.regions } }, local.exempt)
    } if g == "regions"],
    # Buckets are closed by the account's public access block: it must stay as it
    # is, and nobody may ask for a public ACL.
    [for g in var.guardrails : merge({
      Sid      = "PublicAccessBlock"
      Effect   = "Deny"
      Action   = ["s3:PutAccountPublicAccessBlock"]
      Resource = "*"
    }, length(local.exempt) == 0 ? {} : { Condition = local.exempt }) if g == "public-buckets"],
    [for g in var.guardrails : {
      Sid      = "PublicAcls"
      Effect   = "Deny"
      Action   = ["s3:CreateBucket", "s3:PutBucketAcl", "s3:PutObject", "s3:PutObjectAcl"]
      Resource = "*"
      Condition = merge(
        { StringEquals = { "s3:x-amz-acl" = ["public-read", "public-read-write", "authenticated-read"] } },
        local.exempt,
      )
    } if g == "public-buckets"],
    [for g in var.guardrails : merge({
      Sid      = "CloudTrail"
      Effect   = "Deny"
      Action   = ["cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail"]
      Resource = "*"
    }, length(local.exempt) == 0 ? {} : { Condition = local.exempt }) if g == "cloudtrail"],
  )

  attachments = merge([
    for n, p in var.policies : { for t in p.targets : "${n} ${t}" => { policy = n, target = t } }
  ]...)
}

# All guardrails are one policy: only five fit a target.
resource "aws_organizations_policy" "guardrails" {
  count = length(var.guardrails) > 0 ? 1 : 0

  name        = "${var.name}-guardrails"
  description = "What nobody may do: ${join(", ", sort(var.guardrails))}"
  type        = "SERVICE_CONTROL_POLICY"
  content     = jsonencode({ Version = "2012-10-17", Statement = local.guardrail_statements })

  tags = merge(var.tags, { Name = "${var.name}-guardrails" })

  lifecycle {
    precondition {
      condition     = !contains(var.guardrails, "regions") || length(var.regions) > 0
      error_message = "The guardrail \"regions\" would leave no region at all: name the regions in use in regions."
    }
    precondition {
      condition     = alltrue([for t in var.guardrail_targets : contains(local.target_names, t)])
      error_message = "guardrail_targets must be \"root\", units or accounts by name (${join(", ", local.target_names)})."
    }
  }

  # Service control policies have to be enabled first.
  depends_on = [aws_organizations_organization.this]
}

resource "aws_organizations_policy_attachment" "guardrails" {
  for_each = length(var.guardrails) > 0 ? toset(var.guardrail_targets) : toset([])

  policy_id = aws_organizations_policy.guardrails[0].id
  target_id = local.target_ids[each.key]
}

resource "aws_organizations_policy" "this" {
  for_each = var.policies

  name        = each.key
  description = each.value.description
  type        = each.value.kind
  content     = each.value.content

  tags = merge(var.tags, { Name = each.key })

  lifecycle {
    precondition {
      condition     = alltrue([for t in each.value.targets : contains(local.target_names, t)])
      error_message = "The targets of the policy ${each.key} must be \"root\", units or accounts by name (${join(", ", local.target_names)})."
    }
  }

  depends_on = [aws_organizations_organization.this]
}

resource "aws_organizations_policy_attachment" "this" {
  for_each = local.attachments

  policy_id = aws_organizations_policy.this[each.value.policy].id
  target_id = local.target_ids[each.value.target]
}
