platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
cache "c" {}
access "us" {
  group  = "engineers"
  tunnel = [cache.c]
}
