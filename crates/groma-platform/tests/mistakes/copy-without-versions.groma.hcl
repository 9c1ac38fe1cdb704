platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
bucket "a" {
  versions = false
  copy     = bucket.b
}
bucket "b" {}
