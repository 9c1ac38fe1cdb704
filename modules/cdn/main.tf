# A CloudFront distribution in front of a bucket, a load balancer, or both.

locals {
  # A flag, where given, spares asking whether an unknown value is null.
  certificate_given = var.certificate != null ? var.certificate : var.certificate_arn != null
  make_certificate  = var.dns && length(var.hosts) > 0 && !local.certificate_given

  # The load balancer is the origin of what the bucket's paths do not take.
  default_origin = var.load_balancer != null ? "load-balancer" : "bucket"
  bucket_paths   = var.load_balancer != null && var.bucket != null ? var.bucket_paths : []

  # AWS's managed policies have the same ids everywhere.
  caching_optimized    = "658327ea-f89d-4fab-a63d-7446b0fdbb1a"
  origin_cache_control = "4cc15a8a-d715-48a4-82b8-cc0b614638fe"
  all_viewer           = "216adef6-5c7f-47e4-b989-5492eafa07d3"
  cors_s3_origin       = "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf"
  security_headers     = "67f7725c-6f97-4210-82d7-5512b31e9d03"
}

resource "aws_cloudfront_origin_access_control" "this" {
  count = var.bucket != null ? 1 : 0

  name                              = var.name
  description                       = "Signs requests of ${var.name} to its bucket"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_distribution" "this" {
  enabled             = true
  comment             = var.name
  aliases             = var.hosts
  is_ipv6_enabled     = true
  http_version        = "http2and3"
  price_class         = var.price_class
  default_root_object = local.default_origin == "bucket" ? var.default_root : ""
  web_acl_id          = var.web_acl_arn

  dynamic "origin" {
    for_each = var.bucket != null ? [var.bucket] : []

    content {
      origin_id                = "bucket"
      domain_name              = origin.value.regional_domain_name
      origin_access_control_id = aws_cloudfront_origin_access_control.this[0].id
    }
  }

  dynamic "origin" {
    for_each = var.load_balancer != null ? [var.load_balancer] : []

    content {
      origin_id   = "load-balancer"
      domain_name = origin.value.dns_name

      custom_origin_config {
        http_port              = 80
        https_port             = 443
        origin_protocol_policy = "https-only"
        origin_ssl_protocols   = ["TLSv1.2"]
      }
    }
  }

  default_cache_behavior {
    target_origin_id       = local.default_origin
    viewer_protocol_policy = "redirect-to-https"
    compress               = true
    allowed_methods        = local.default_origin == "bucket" ? ["GET", "HEAD", "OPTIONS"] : ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods         = ["GET", "HEAD"]

    # The application says what may be cached. It gets the viewer's Host header,
    # against which its certificate is checked as well.
    cache_policy_id            = local.default_origin == "bucket" ? local.caching_optimized : local.origin_cache_control
    origin_request_policy_id   = local.default_origin == "bucket" ? local.cors_s3_origin : local.all_viewer
    response_headers_policy_id = local.security_headers
  }

  dynamic "ordered_cache_behavior" {
    for_each = local.bucket_paths

    content {
      path_pattern               = ordered_cache_behavior.value
      target_origin_id           = "bucket"
      viewer_protocol_policy     = "redirect-to-https"
      compress                   = true
      allowed_methods            = ["GET", "HEAD", "OPTIONS"]
      cached_methods             = ["GET", "HEAD"]
      cache_policy_id            = local.caching_optimized
      origin_request_policy_id   = local.cors_s3_origin
      response_headers_policy_id = local.security_headers
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = length(var.hosts) == 0
    acm_certificate_arn            = length(var.hosts) == 0 ? null : local.make_certificate ? module.certificate[0].arn : var.certificate_arn
    ssl_support_method             = length(var.hosts) == 0 ? null : "sni-only"
    # CloudFront's own certificate allows no choice.
    minimum_protocol_version = length(var.hosts) == 0 ? "TLSv1" : "TLSv1.2_2021"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  tags = merge(var.tags, { Name = var.name })

  lifecycle {
    precondition {
      condition     = var.bucket != null || var.load_balancer != null
      error_message = "The CDN ${var.name} has nothing to serve: give bucket or load_balancer."
    }
    precondition {
      condition     = (var.bucket != null && var.load_balancer != null) == (length(var.bucket_paths) > 0)
      error_message = "The CDN ${var.name} needs bucket_paths exactly when it has both a bucket and a load balancer: say which paths the bucket serves, or leave one of them out."
    }
    precondition {
      condition     = length(var.hosts) == 0 || var.dns || local.certificate_given
      error_message = "The CDN ${var.name} has hosts and no certificate: give certificate_arn (issued in us-east-1), or let dns be true."
    }
  }
}
