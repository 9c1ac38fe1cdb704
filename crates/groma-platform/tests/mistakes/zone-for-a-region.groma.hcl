platform "shop" {
  region   = "eu-west-1a"
  accounts = { main = "123456789012" }
}
environment "prod" {}
bucket "media" {}
