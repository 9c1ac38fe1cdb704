platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
  tags = { "aws:owner" = "us" }
}
environment "prod" {}
