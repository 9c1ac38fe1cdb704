provider "aws" {
  region = "eu-west-1"
}

variables {
  name = "prod.levels.internal"
}

run "setup" {
  module {
    source = "./tests/setup"
  }
}

# Planned only: an API server for tests (moto) takes the zone for a public one, to
# which no VPC can be associated.
run "two_networks" {
  command = plan

  variables {
    name         = "test.levels.internal"
    vpc_id       = run.setup.vpc_ids[0]
    more_vpc_ids = { peer = run.setup.vpc_ids[1] }
  }

  assert {
    condition     = one(aws_route53_zone.this.vpc).vpc_id == run.setup.vpc_ids[0]
    error_message = "Private to the VPC."
  }
  assert {
    condition     = aws_route53_zone_association.more["peer"].vpc_id == run.setup.vpc_ids[1]
    error_message = "It resolves in the peer too."
  }
}

run "records" {
  command = apply

  variables {
    vpc_id = run.setup.vpc_ids[0]
    aliases = {
      web = { dns_name = "internal-web-1.eu-west-1.elb.amazonaws.com", zone_id = "Z32O12XQLNTSW2" }
    }
    records = {
      "db.prod.levels.internal" = { type = "CNAME", values = ["main.cluster-x.eu-west-1.rds.amazonaws.com"] }
      "prod.levels.internal"    = { type = "TXT", values = ["v=1"], ttl = 300 }
    }
  }

  assert {
    condition     = aws_route53_record.alias["web"].fqdn == "web.prod.levels.internal" && aws_route53_record.this["db.prod.levels.internal"].fqdn == "db.prod.levels.internal"
    error_message = "Hosts may be written in full or without the zone."
  }
  assert {
    condition     = aws_route53_record.this["prod.levels.internal"].fqdn == "prod.levels.internal" && aws_route53_record.this["prod.levels.internal"].ttl == 300
    error_message = "The zone itself may have records."
  }
  assert {
    condition     = aws_route53_zone.this.force_destroy
    error_message = "Removable, with whatever is in it."
  }
}

run "protected" {
  command = apply

  variables {
    vpc_id  = run.setup.vpc_ids[0]
    protect = true
  }

  assert {
    condition     = output.zone_id == run.records.zone_id && !aws_route53_zone.this.force_destroy
    error_message = "The same zone, which now keeps foreign records."
  }
}

run "wrong_values" {
  command = plan

  variables {
    name    = "prod.levels.internal."
    vpc_id  = "vpc-0123456789abcdef0"
    records = { db = { type = "ALIAS", values = ["x"] } }
  }

  expect_failures = [var.name, var.records]
}
