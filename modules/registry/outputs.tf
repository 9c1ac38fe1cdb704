output "repository_url" {
  description = "What an image's reference begins with: \"ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME\"."
  value       = local.built ? "${coalesce(var.account_id, "-")}.dkr.ecr.${coalesce(var.region, "-")}.${local.domain}/${var.name}" : aws_ecr_repository.this.repository_url
  depends_on  = [aws_ecr_repository.this]
}

output "repository_arn" {
  description = "ARN of the repository."
  value       = local.built ? "arn:${var.partition}:ecr:${coalesce(var.region, "-")}:${coalesce(var.account_id, "-")}:repository/${var.name}" : aws_ecr_repository.this.arn
  depends_on  = [aws_ecr_repository.this]
}

output "repository_name" {
  description = "Name of the repository."
  value       = var.name
  depends_on  = [aws_ecr_repository.this]
}
