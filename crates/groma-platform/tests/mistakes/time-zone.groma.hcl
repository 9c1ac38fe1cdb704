platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
  time_zone = "London"
}
environment "prod" {}
