platform "shop" {
  region   = "eu-west-7"
  accounts = { main = "111111111111" }
}
environment "prod" {}
