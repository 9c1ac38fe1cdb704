output "role_arn" {
  description = "ARN of the role that people take; known while planning."
  value       = "${local.arn_prefix}:iam::${var.account_id}:role/${var.name}"
  depends_on  = [aws_iam_role.this]
}

output "security_group_id" {
  description = "Security group of the bastion, without rules: what it may connect to is where tunnels lead."
  value       = aws_security_group.this.id
}

output "instance_id" {
  description = "Id of the bastion: the target of a session; null without one."
  value       = one(aws_instance.bastion[*].id)
}

output "bastion_name" {
  description = "Name (tag Name) of the bastion."
  value       = local.bastion_name
}
