platform "a-shop-for-things" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "production-one" {}
image "app" {
  from  = "ubuntu-24.04-arm64"
  setup = ["images/app.yml"]
}
image "api" { build = "containers/api" }
service "web-of-all-the-customers" {
  image = image.app
  host = "app.shop.example"
}
service "api" {
  image = image.api
}
