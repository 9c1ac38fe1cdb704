provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
resource "aws_vpc" "unknown_argument" {
  cidr_block = "10.0.0.0/16"
  no_such    = 1
}
resource "aws_subnet" "missing_argument" {
  cidr_block = "10.0.0.0/24"
}
resource "aws_vpc" "wrong_type" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = "perhaps"
}
resource "aws_nothing" "unknown_type" {}
resource "aws_vpc" "provider_says_no" {
  cidr_block = "not a cidr"
}
resource "aws_vpc" "computed" {
  cidr_block = "10.0.0.0/16"
  arn        = "x"
}
resource "aws_instance" "block_as_argument" {
  ami               = "a"
  instance_type     = "b"
  root_block_device = 5
}
resource "aws_instance" "argument_as_block" {
  ami           = "a"
  instance_type = "b"
  tags {
    a = 1
  }
}
resource "aws_instance" "unknown_block" {
  ami           = "a"
  instance_type = "b"
  nothing {
  }
}
resource "aws_instance" "too_many" {
  ami           = "a"
  instance_type = "b"
  root_block_device {}
  root_block_device {}
}
output "no_attribute" { value = aws_vpc.wrong_type.no_such }
