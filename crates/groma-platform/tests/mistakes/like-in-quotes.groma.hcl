platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "123456789012" }
}
environment "prod" {}
environment "dev" { like = "prod" }
bucket "media" {}
