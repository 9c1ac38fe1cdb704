output "arn" {
  description = "ARN of the load balancer."
  value       = aws_lb.this.arn
}

output "arn_suffix" {
  description = "The part of the ARN that CloudWatch's metrics use."
  value       = aws_lb.this.arn_suffix
}

output "dns_name" {
  description = "AWS's name of the load balancer, for aliases."
  value       = aws_lb.this.dns_name
}

output "zone_id" {
  description = "AWS's zone of dns_name, for aliases."
  value       = aws_lb.this.zone_id
}

output "security_group_id" {
  description = "Security group of the load balancer, without rules."
  value       = aws_security_group.this.id
}

output "http_listener_arn" {
  description = "Listener on port 80."
  value       = aws_lb_listener.http.arn
}

output "https_listener_arn" {
  description = "Listener on port 443; null without HTTPS."
  value       = local.https ? aws_lb_listener.https[0].arn : null
}

output "listener_arn" {
  description = "The listener that services attach to: HTTPS where there is one."
  value       = local.https ? aws_lb_listener.https[0].arn : aws_lb_listener.http.arn
}

output "https" {
  description = "Whether the listener that services attach to speaks HTTPS; known while planning."
  value       = local.https
}

output "ports" {
  description = "The ports that listen; known while planning."
  value       = local.https ? [80, 443] : [80]
}

output "name_servers" {
  description = "Name servers to delegate each host to, for the zones that are made here (by host, without \"*.\")."
  value       = { for h, z in aws_route53_zone.own : h => z.name_servers }
}
