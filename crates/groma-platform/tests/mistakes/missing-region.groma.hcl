platform "shop" {
  accounts = { main = "111111111111" }
}
environment "prod" {}
