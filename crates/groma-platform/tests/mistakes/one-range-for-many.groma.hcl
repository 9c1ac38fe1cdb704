platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "branch" {
  each = "branch"
  cidr = "10.1.0.0/16"
}
