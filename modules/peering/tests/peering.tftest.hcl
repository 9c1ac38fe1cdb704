provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "requester"
  region = "eu-west-1"
}

provider "aws" {
  alias  = "accepter"
  region = "eu-west-1"
}

variables {
  name = "groma-test"
}

run "setup" {
  module {
    source = "./tests/setup"
  }
}

run "one_account" {
  command = apply

  variables {
    requester = {
      vpc_id          = run.setup.vpc_ids["10.50.0.0/16"]
      cidr            = "10.50.0.0/16"
      route_table_ids = { main = run.setup.route_table_ids["10.50.0.0/16"] }
      account_id      = "123456789012"
      region          = "eu-west-1"
    }
    accepter = {
      vpc_id          = run.setup.vpc_ids["10.60.0.0/16"]
      cidr            = "10.60.0.0/16"
      route_table_ids = { main = run.setup.route_table_ids["10.60.0.0/16"] }
      account_id      = "123456789012"
      region          = "eu-west-1"
    }
  }

  assert {
    condition     = aws_vpc_peering_connection_accepter.this.accept_status == "active"
    error_message = "The peering is accepted."
  }
  assert {
    condition     = aws_route.requester["main"].destination_cidr_block == "10.60.0.0/16" && aws_route.accepter["main"].destination_cidr_block == "10.50.0.0/16"
    error_message = "Each side has a route to the other."
  }
  assert {
    condition     = aws_route.requester["main"].vpc_peering_connection_id == output.peering_connection_id
    error_message = "The routes lead through the peering."
  }
  assert {
    condition     = aws_vpc_peering_connection_options.requester.requester[0].allow_remote_vpc_dns_resolution && aws_vpc_peering_connection_options.accepter.accepter[0].allow_remote_vpc_dns_resolution
    error_message = "Names resolve to private addresses both ways."
  }
}

run "overlap" {
  command = plan

  variables {
    requester = {
      vpc_id          = "vpc-0123456789abcdef0"
      cidr            = "10.50.0.0/16"
      route_table_ids = {}
      account_id      = "123456789012"
      region          = "eu-west-1"
    }
    accepter = {
      vpc_id          = "vpc-0123456789abcdef1"
      cidr            = "10.50.128.0/20"
      route_table_ids = {}
      account_id      = "123456789012"
      region          = "eu-west-1"
    }
  }

  expect_failures = [aws_vpc_peering_connection.this]
}

run "wrong_values" {
  command = plan

  variables {
    name = "Groma"
    requester = {
      vpc_id          = "vpc-0123456789abcdef0"
      cidr            = "10.50.0.0/16"
      route_table_ids = {}
      account_id      = "12345"
      region          = "eu-west-1"
    }
    accepter = {
      vpc_id          = "vpc-0123456789abcdef1"
      cidr            = "10.60.0.0/16"
      route_table_ids = {}
      account_id      = "123456789012"
      region          = "Ireland"
    }
  }

  expect_failures = [var.name, var.requester, var.accepter]
}
