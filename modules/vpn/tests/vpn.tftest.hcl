provider "aws" {
  region = "eu-west-1"
}

variables {
  name            = "groma-test"
  vpc_id          = "vpc-0123456789abcdef0"
  route_table_ids = { private = "rtb-0123456789abcdef0", data = "rtb-0123456789abcdef1" }
  peer_ip         = "203.0.113.7"
  peer_cidrs      = ["192.168.0.0/16", "172.20.0.0/16"]
}

# Planned only: an API server for tests (moto) has neither a connection's static
# routes nor propagation.
run "static_routes" {
  command = plan

  assert {
    condition     = sort(keys(aws_route.this)) == tolist(["data 172.20.0.0/16", "data 192.168.0.0/16", "private 172.20.0.0/16", "private 192.168.0.0/16"])
    error_message = "Each table has a route to each range."
  }
  assert {
    condition     = aws_vpn_connection.this.static_routes_only && length(aws_vpn_connection_route.this) == 2 && length(aws_vpn_gateway_route_propagation.this) == 0
    error_message = "The connection knows the ranges, and nothing is propagated."
  }
  assert {
    condition     = one(aws_vpn_connection.this.tunnel1_ike_versions) == "ikev2" && !contains(aws_vpn_connection.this.tunnel2_phase1_dh_group_numbers, 2)
    error_message = "IKEv2 only, and no weak groups."
  }
}

run "bgp" {
  command = plan

  variables {
    static = false
    asn    = 65010
  }

  assert {
    condition     = length(aws_route.this) == 0 && length(aws_vpn_connection_route.this) == 0 && length(aws_vpn_gateway_route_propagation.this) == 2
    error_message = "The tables learn their routes."
  }
  assert {
    condition     = aws_customer_gateway.this.bgp_asn == "65010"
    error_message = "The peer's number."
  }
}

run "wrong_values" {
  command = plan

  variables {
    name       = "Groma"
    peer_ip    = "203.0.113.0/24"
    peer_cidrs = ["192.168.1.0/16"]
    asn        = 64512
  }

  expect_failures = [var.name, var.peer_ip, var.peer_cidrs, var.asn]
}
