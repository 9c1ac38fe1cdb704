platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "123456789012" }
}
environment "prod" {}
bucket "media" {}
role "robot" {
  trusted = ["github:shop/app:main"]
  may     = ["up"]
}
