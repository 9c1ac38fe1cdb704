platform "shop" {
  region   = "eu-west-1"
  accounts = {}
}
environment "prod" {}
