provider "aws" {
  region = "eu-west-1"
}

variables {
  name = "groma-test"
}

run "both_families" {
  command = apply

  variables {
    cidrs4 = ["198.51.100.0/24", "203.0.113.0/24"]
    cidrs6 = ["2001:db8::/32"]
  }

  assert {
    condition     = sort([for e in aws_ec2_managed_prefix_list.ipv4[0].entry : e.cidr]) == tolist(["198.51.100.0/24", "203.0.113.0/24"])
    error_message = "All ranges are in the list."
  }
  assert {
    condition     = aws_ec2_managed_prefix_list.ipv4[0].max_entries == 5
    error_message = "Room for a few more ranges."
  }
  assert {
    condition     = output.prefix_list_ids["ipv4"] == output.prefix_list_id && output.prefix_list_ids["ipv6"] == output.prefix_list_id6 && output.prefix_list_id != null
    error_message = "Both lists by family."
  }
}

run "one_more_range" {
  command = apply

  variables {
    cidrs4 = ["203.0.113.0/24", "192.0.2.0/24", "198.51.100.0/24"]
  }

  assert {
    condition     = output.prefix_list_id == run.both_families.prefix_list_id && length(aws_ec2_managed_prefix_list.ipv4[0].entry) == 3
    error_message = "The same list has the new range."
  }
  assert {
    condition     = output.prefix_list_id6 == null && keys(output.prefix_list_ids) == ["ipv4"]
    error_message = "No IPv6 ranges, no IPv6 list."
  }
}

run "wrong_ranges" {
  command = plan

  variables {
    cidrs4 = ["203.0.113.7/24"]
    cidrs6 = ["203.0.113.0/24"]
  }

  expect_failures = [var.cidrs4, var.cidrs6]
}
