platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "1111-1111-1111" }
}
environment "prod" {}
