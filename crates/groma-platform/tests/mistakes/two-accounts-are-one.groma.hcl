platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111", prod = "111111111111" }
}
environment "prod" {}
