# Values built from names are known while planning. depends_on keeps whoever
# uses them behind the bucket and its versions (which copies into it need), but
# not behind its policy or notifications: those may depend on the user in turn.

output "id" {
  description = "Name of the bucket, as resources want it."
  value       = var.name
  depends_on  = [aws_s3_bucket.this, aws_s3_bucket_versioning.this]
}

output "bucket" {
  description = "Name of the bucket."
  value       = var.name
  depends_on  = [aws_s3_bucket.this, aws_s3_bucket_versioning.this]
}

output "arn" {
  description = "ARN of the bucket."
  value       = local.arn
  depends_on  = [aws_s3_bucket.this, aws_s3_bucket_versioning.this]
}

output "regional_domain_name" {
  description = "Host name of the bucket in its region: what a CDN reads from."
  value       = "${var.name}.s3.${var.region}.${local.suffix}"
  depends_on  = [aws_s3_bucket.this]
}

output "log_bucket" {
  description = "Name of the bucket for whoever writes logs into it: behind the policy that lets them, unlike the others."
  value       = var.name
  depends_on  = [aws_s3_bucket_policy.this, aws_s3_bucket_ownership_controls.this]
}

output "replication_role_arn" {
  description = "Role that copies; null without copies. The destination names it in its copiers if it is another account's."
  value       = var.replicate ? local.role_arn : null
  depends_on  = [aws_iam_role.replication]
}
