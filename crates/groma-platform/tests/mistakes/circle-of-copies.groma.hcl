platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
bucket "a" { copy = bucket.b }
bucket "b" { copy = bucket.a }
