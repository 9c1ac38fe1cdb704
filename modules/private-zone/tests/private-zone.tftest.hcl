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
    condition     = [for v in aws_route53_zone.this.vpc : v.vpc_id] == [run.setup.vpc_ids[0]] && aws_route53_zone.this.force_destroy
    error_message = "Private to the VPC, and removable."
  }
}

run "second_network" {
  command = apply

  variables {
    vpc_id       = run.setup.vpc_ids[0]
    more_vpc_ids = { peer = run.setup.vpc_ids[1] }
    protect      = true
  }

  assert {
    condition     = output.zone_id == run.records.zone_id && aws_route53_zone_association.more["peer"].vpc_id == run.setup.vpc_ids[1]
    error_message = "The same zone resolves in the peer too."
  }
  assert {
    condition     = !aws_route53_zone.this.force_destroy
    error_message = "A protected zone keeps foreign records."
  }
}

run "removable_again" {
  command = apply

  variables {
    vpc_id = run.setup.vpc_ids[0]
  }

  assert {
    condition     = aws_route53_zone.this.force_destroy && output.zone_id == run.records.zone_id
    error_message = "Protection can be taken back in place."
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
