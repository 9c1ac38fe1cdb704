# An application load balancer and its listeners. Services attach to the listener
# with rules of their own; what no rule takes is answered with 404.

locals {
  # A flag, where given, spares asking whether an unknown value is null.
  certificate_given  = var.certificate != null ? var.certificate : var.certificate_arn != null
  private_zone_given = var.private_zone != null ? var.private_zone : var.private_zone_id != null
  web_acl_given      = var.web_acl != null ? var.web_acl : var.web_acl_arn != null

  https             = length(var.hosts) > 0 && (local.certificate_given || var.dns)
  make_certificates = local.https && !local.certificate_given

  ssl_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"
}

# Without rules: who may connect, and to which services the load balancer may, is
# said where the connections are.
resource "aws_security_group" "this" {
  name        = var.name
  description = "Load balancer ${var.name}"
  vpc_id      = var.vpc_id

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_lb" "this" {
  name                       = length(var.name) <= 32 ? var.name : "${trimsuffix(substr(var.name, 0, 25), "-")}-${substr(sha256(var.name), 0, 6)}"
  load_balancer_type         = "application"
  internal                   = var.internal
  ip_address_type            = var.ipv6 ? "dualstack" : "ipv4"
  subnets                    = var.subnet_ids
  security_groups            = [aws_security_group.this.id]
  idle_timeout               = var.idle_timeout
  enable_deletion_protection = var.protect
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "defensive"

  dynamic "access_logs" {
    for_each = var.access_log_bucket == null ? [] : [var.access_log_bucket]

    content {
      bucket  = access_logs.value
      prefix  = var.name
      enabled = true
    }
  }

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = local.https ? "redirect" : "fixed-response"

    dynamic "redirect" {
      for_each = local.https ? ["443"] : []

      content {
        protocol    = "HTTPS"
        port        = redirect.value
        status_code = "HTTP_301"
      }
    }

    dynamic "fixed_response" {
      for_each = local.https ? [] : ["404"]

      content {
        content_type = "text/plain"
        message_body = "Not found"
        status_code  = fixed_response.value
      }
    }
  }

  tags = merge(var.tags, { Name = "${var.name}-http" })
}

resource "aws_lb_listener" "https" {
  count = local.https ? 1 : 0

  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = local.ssl_policy
  certificate_arn   = local.make_certificates ? module.certificate[var.hosts[0]].arn : var.certificate_arn

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "Not found"
      status_code  = "404"
    }
  }

  tags = merge(var.tags, { Name = "${var.name}-https" })
}

resource "aws_wafv2_web_acl_association" "this" {
  count = local.web_acl_given ? 1 : 0

  resource_arn = aws_lb.this.arn
  web_acl_arn  = var.web_acl_arn
}
