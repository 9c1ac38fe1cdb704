platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
organization "shop" { accounts = { data = { email = "data@shop.example", unit = "work" } } }
