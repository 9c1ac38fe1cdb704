provider "aws" {
  region = "eu-west-1"
}

variables {
  name = "groma-test"
}

run "network" {
  variables {
    region = "eu-west-1"
    cidr   = "10.40.0.0/16"
    zones  = 2
  }

  module {
    source = "../network"
  }
}

run "plain" {
  command = apply

  variables {
    vpc_id     = run.network.vpc_id
    subnet_ids = run.network.private_subnet_ids
    internal   = true
  }

  assert {
    condition     = output.https_listener_arn == null && output.listener_arn == output.http_listener_arn
    error_message = "Without hosts, services attach to plain HTTP."
  }
  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "fixed-response" && aws_lb_listener.http.default_action[0].fixed_response[0].status_code == "404"
    error_message = "What no service takes is not found."
  }
  assert {
    condition     = aws_lb.this.internal && !aws_lb.this.enable_deletion_protection && aws_lb.this.drop_invalid_header_fields
    error_message = "Internal, not protected, strict about headers."
  }
  assert {
    condition     = one(aws_lb.this.security_groups) == output.security_group_id && length(aws_security_group.this.ingress) == 0
    error_message = "Its own security group, without rules."
  }
}

# API servers for tests issue a certificate a minute after it is asked for.
run "hosts" {
  command = apply

  variables {
    name         = "groma-test-hosts"
    vpc_id       = run.network.vpc_id
    subnet_ids   = run.network.public_subnet_ids
    hosts        = ["app.levels.example", "*.app.levels.example"]
    idle_timeout = 300
  }

  assert {
    condition     = output.listener_arn == output.https_listener_arn && output.https && contains(output.ports, 443)
    error_message = "Services attach to HTTPS."
  }
  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "redirect" && aws_lb_listener.http.default_action[0].redirect[0].status_code == "HTTP_301"
    error_message = "Plain HTTP is sent to HTTPS."
  }
  assert {
    condition     = startswith(aws_lb_listener.https[0].ssl_policy, "ELBSecurityPolicy-TLS13-1-2")
    error_message = "TLS 1.2 is the least."
  }
  assert {
    condition     = keys(output.name_servers) == ["app.levels.example"] && length(output.name_servers["app.levels.example"]) == 4
    error_message = "The host and its wildcard share a zone, which is to be delegated to."
  }
  assert {
    condition     = length(aws_lb_listener_certificate.more) == 1 && length(aws_route53_record.host) == 2
    error_message = "Each host has a certificate and a record."
  }
}

run "own_certificate_without_dns" {
  command = plan

  variables {
    vpc_id          = "vpc-0123456789abcdef0"
    subnet_ids      = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
    hosts           = ["app.levels.example"]
    dns             = false
    certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/01234567-0123-0123-0123-0123456789ab"
    web_acl_arn     = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/x/01234567-0123-0123-0123-0123456789ab"
    protect         = true
  }

  assert {
    condition     = length(aws_route53_zone.own) == 0 && length(aws_route53_record.host) == 0 && length(module.certificate) == 0
    error_message = "Nothing in Route 53, and no certificate."
  }
  assert {
    condition     = aws_lb_listener.https[0].certificate_arn == var.certificate_arn && length(aws_wafv2_web_acl_association.this) == 1
    error_message = "The given certificate and web ACL are used."
  }
  assert {
    condition     = aws_lb.this.enable_deletion_protection
    error_message = "Protected."
  }
}

run "neither_dns_nor_certificate" {
  command = plan

  variables {
    vpc_id     = "vpc-0123456789abcdef0"
    subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
    hosts      = ["app.levels.example"]
    dns        = false
  }

  assert {
    condition     = length(aws_lb_listener.https) == 0 && aws_lb_listener.http.default_action[0].type == "fixed-response"
    error_message = "Plain HTTP, without a redirect to where nothing listens."
  }
}

run "wrong_values" {
  command = plan

  variables {
    name         = "internal-groma-test"
    vpc_id       = "vpc-0123456789abcdef0"
    subnet_ids   = ["subnet-0123456789abcdef0"]
    hosts        = ["https://app.levels.example"]
    idle_timeout = 4001
  }

  expect_failures = [var.name, var.subnet_ids, var.hosts, var.idle_timeout]
}

run "long_name" {
  command = plan

  variables {
    name       = "a-name-that-is-longer-than-it-may-be"
    vpc_id     = "vpc-0123456789abcdef0"
    subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  }

  assert {
    condition     = aws_lb.this.name == "a-name-that-is-longer-tha-${substr(sha256("a-name-that-is-longer-than-it-may-be"), 0, 6)}" && length(aws_lb.this.name) == 32
    error_message = "A load balancer takes 32 characters; a longer name must be cut and end in a hash."
  }
}
