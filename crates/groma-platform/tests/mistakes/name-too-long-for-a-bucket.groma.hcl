platform "a-shop-for-things" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "production" {}
bucket "things-that-customers-sent" {}
