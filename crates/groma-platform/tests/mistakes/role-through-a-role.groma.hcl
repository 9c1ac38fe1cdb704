platform "shop" {
  region   = "eu-west-1"
  accounts = { main = { id = "123456789012", role = "arn:aws:iam::123456789012:role/groma" } }
}
environment "prod" {}
bucket "media" {}
role "robot" {
  trusted = ["github:shop/app:main"]
  may     = ["deploy", "scale"]
}
