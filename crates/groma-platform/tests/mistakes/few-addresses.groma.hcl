platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
  addresses = "10.1.2.0/24"
}
environment "prod" {}
