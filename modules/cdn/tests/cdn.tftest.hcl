provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "us_east_1"
  region = "us-east-1"
}

variables {
  name = "groma-test"
}

run "setup" {
  module {
    source = "./tests/setup"
  }
}

# API servers for tests issue a certificate a minute after it is asked for.
run "bucket" {
  command = apply

  variables {
    bucket = run.setup.bucket
    hosts  = ["media.levels.example"]
  }

  assert {
    condition     = aws_cloudfront_distribution.this.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021" && startswith(aws_cloudfront_distribution.this.viewer_certificate[0].acm_certificate_arn, "arn:aws:acm:us-east-1:")
    error_message = "TLS 1.2 with a certificate of us-east-1."
  }
  assert {
    condition     = aws_cloudfront_distribution.this.default_cache_behavior[0].viewer_protocol_policy == "redirect-to-https"
    error_message = "Plain HTTP is sent to HTTPS."
  }
  assert {
    condition     = one(aws_cloudfront_distribution.this.origin).origin_access_control_id == aws_cloudfront_origin_access_control.this[0].id && aws_cloudfront_origin_access_control.this[0].signing_behavior == "always"
    error_message = "Requests to the bucket are signed."
  }
  assert {
    condition     = aws_cloudfront_distribution.this.default_root_object == "index.html" && one(aws_cloudfront_distribution.this.aliases) == "media.levels.example"
    error_message = "Serves the host, from index.html on."
  }
  assert {
    condition     = length(aws_route53_record.host) == 2 && keys(output.name_servers) == ["media.levels.example"]
    error_message = "IPv4 and IPv6 names in a zone of its own."
  }
}

run "load_balancer_and_bucket" {
  command = plan

  variables {
    name          = "groma-test-both"
    bucket        = run.setup.bucket
    load_balancer = { dns_name = "web-1.eu-west-1.elb.amazonaws.com" }
    bucket_paths  = ["/static/*"]
  }

  assert {
    condition     = aws_cloudfront_distribution.this.default_cache_behavior[0].target_origin_id == "load-balancer" && aws_cloudfront_distribution.this.ordered_cache_behavior[0].target_origin_id == "bucket"
    error_message = "The bucket serves its paths only."
  }
  assert {
    condition     = contains(aws_cloudfront_distribution.this.default_cache_behavior[0].allowed_methods, "POST") && !contains(aws_cloudfront_distribution.this.ordered_cache_behavior[0].allowed_methods, "POST")
    error_message = "The application takes all methods, the bucket none that write."
  }
  assert {
    condition     = one([for o in aws_cloudfront_distribution.this.origin : o.custom_origin_config[0].origin_protocol_policy if o.origin_id == "load-balancer"]) == "https-only"
    error_message = "Encrypted up to the load balancer."
  }
  assert {
    condition     = aws_cloudfront_distribution.this.viewer_certificate[0].cloudfront_default_certificate && length(aws_route53_zone.own) == 0
    error_message = "Without hosts: CloudFront's name and certificate."
  }
}

run "nothing_to_serve" {
  command = plan

  expect_failures = [aws_cloudfront_distribution.this]
}

run "both_without_paths" {
  command = plan

  variables {
    bucket        = run.setup.bucket
    load_balancer = { dns_name = "web-1.eu-west-1.elb.amazonaws.com" }
  }

  expect_failures = [aws_cloudfront_distribution.this]
}

run "hosts_without_certificate" {
  command = plan

  variables {
    bucket = run.setup.bucket
    hosts  = ["media.levels.example"]
    dns    = false
  }

  expect_failures = [aws_cloudfront_distribution.this]
}

run "wrong_values" {
  command = plan

  variables {
    name         = "Groma"
    hosts        = ["media.levels.example", "media.levels.example"]
    bucket_paths = ["static/*"]
    price_class  = "PriceClass_50"
    default_root = "/index.html"
  }

  expect_failures = [var.name, var.hosts, var.bucket_paths, var.price_class, var.default_root]
}
