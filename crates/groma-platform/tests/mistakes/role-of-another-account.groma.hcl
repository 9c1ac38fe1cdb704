platform "shop" {
  region   = "eu-west-1"
  accounts = { main = { id = "111111111111", role = "arn:aws:iam::222222222222:role/groma" } }
}
environment "prod" {}
